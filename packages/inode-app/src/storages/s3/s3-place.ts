import type { StorageCredentials, StorageOptions } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { countOption, flagOption, refuseUnknownOptions } from '../storage-options.js';
import { pathFormFault } from '../storage-path.js';

const MIB = 1024 * 1024;
/** What a server copies at once. */
const MAX_COPY_BYTES = 5 * 1024 * MIB;
/** What it takes as a part that is not the last. */
const MIN_PART_BYTES = 5 * MIB;
const DEFAULT_PARALLEL = 16;
const MAX_PARALLEL = 256;
const DEFAULT_REGION = 'us-east-1';

/** Where a place in S3 is, and how it is asked. */
export interface S3Place {
  readonly bucket: string;
  /** Of all keys of the place: empty, or with `/` at its end. */
  readonly prefix: string;
  /** Undefined for Amazon's own. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly pathStyle: boolean;
  readonly anonymous: boolean;
  /** Copies at a time. */
  readonly parallel: number;
  /** Objects above this are copied in parts of as much. */
  readonly multipartCopyBytes: number;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const OPTIONS = [
  'endpoint',
  'region',
  'pathStyle',
  'anonymous',
  'parallel',
  'multipartCopyBytes',
] as const;

/** Throws StorageError INVALID. */
export function understandPlace(uri: string, options: StorageOptions): S3Place {
  refuseUnknownOptions(options, OPTIONS);
  const parts = /^s3:\/\/([A-Za-z0-9][\w.-]{1,253}[A-Za-z0-9])(?:\/(.*))?$/s.exec(uri);
  const bucket = parts?.[1];
  if (bucket === undefined) throw invalid('Give a place as s3://bucket/prefix');
  const path = (parts?.[2] ?? '').replace(/\/$/, '');
  const fault = path.isWellFormed() ? pathFormFault(path) : 'it is not Unicode';
  if (fault !== undefined) throw invalid(`No prefix for a place: ${fault}`);
  const multipartCopyBytes = countOption(options, 'multipartCopyBytes', MAX_COPY_BYTES);
  if (multipartCopyBytes !== undefined && multipartCopyBytes < MIN_PART_BYTES) {
    throw invalid(`The option multipartCopyBytes is ${MIN_PART_BYTES} at least`);
  }
  const { endpoint, region } = options;
  return {
    bucket,
    prefix: path === '' ? '' : `${path}/`,
    endpoint: understandEndpoint(endpoint),
    region: understandRegion(region),
    pathStyle: flagOption(options, 'pathStyle') ?? false,
    anonymous: flagOption(options, 'anonymous') ?? false,
    parallel: countOption(options, 'parallel', MAX_PARALLEL) ?? DEFAULT_PARALLEL,
    multipartCopyBytes: multipartCopyBytes ?? MAX_COPY_BYTES,
  };
}

/** What a profile holds; undefined for the default chain: environment, shared files, the machine's role. */
export function understandCredentials(credentials: StorageCredentials): S3Credentials | undefined {
  if (credentials === undefined) return undefined;
  const { accessKeyId, secretAccessKey, sessionToken, ...others } = credentials;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw invalid(
      `A profile for s3: holds accessKeyId, secretAccessKey and perhaps sessionToken, not ${JSON.stringify(other)}`,
    );
  }
  if (!accessKeyId || !secretAccessKey) {
    throw invalid('A profile for s3: holds accessKeyId and secretAccessKey');
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** The same for every spelling of one server; empty for Amazon's own. */
export function endpointHost(endpoint: string | undefined): string {
  if (endpoint === undefined) return '';
  const { host } = new URL(endpoint);
  return /(^|\.)amazonaws\.com(\.cn)?$/.test(host) ? '' : host;
}

function understandEndpoint(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined;
  if (!URL.canParse(endpoint)) throw invalid('The option endpoint is a URL: https://host:port');
  const { protocol, username, password, search, hash, href } = new URL(endpoint);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw invalid('The option endpoint begins with http:// or https://');
  }
  if (username !== '' || password !== '') {
    throw invalid('The option endpoint holds no credentials: give them by a profile');
  }
  if (search !== '' || hash !== '') throw invalid('The option endpoint ends behind its path');
  return href.replace(/\/$/, '');
}

function understandRegion(region = DEFAULT_REGION): string {
  if (/^[a-z0-9-]{1,63}$/i.test(region)) return region;
  throw invalid('The option region is a name like eu-central-1');
}

function invalid(message: string): StorageError {
  return new StorageError('INVALID', message);
}
