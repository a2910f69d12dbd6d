import { userInfo } from 'node:os';
import type { Storage, StorageCredentials, StorageDriver, StorageOptions } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { defaultWebHdfsLimits, NameNodes, type WebHdfsLimits } from './name-nodes.js';
import { parseWebHdfsPlace, type WebHdfsScheme } from './webhdfs-place.js';
import { WebHdfsStorage } from './webhdfs-storage.js';

/**
 * Opens directories of HDFS by WebHDFS, or HttpFS: `webhdfs:`, and `swebhdfs:` over TLS. A profile holds either `user`, whom
 * HDFS believes without Kerberos, or `delegation`, a token for HDFS with it; without one this process's user asks.
 */
export class WebHdfsDriver implements StorageDriver {
  readonly scheme: WebHdfsScheme;
  readonly #limits: WebHdfsLimits;

  constructor(scheme: WebHdfsScheme, limits: Partial<WebHdfsLimits> = {}) {
    this.scheme = scheme;
    this.#limits = { ...defaultWebHdfsLimits, ...limits };
  }

  parse(uri: string, options: StorageOptions): { readonly uri: string; readonly place: string } {
    const { uri: canonical, place } = parseWebHdfsPlace(this.scheme, uri, options);
    return { uri: canonical, place };
  }

  async open(
    uri: string,
    options: StorageOptions,
    credentials: StorageCredentials,
  ): Promise<Storage> {
    const { origins, directory } = parseWebHdfsPlace(this.scheme, uri, options);
    const identity = identityOf(credentials);
    return new WebHdfsStorage({
      nameNodes: new NameNodes({
        origins,
        identity,
        secrets: Object.values(credentials ?? {}),
        limits: this.#limits,
      }),
      directory,
      locationIdentity: 'delegation' in identity ? {} : identity,
    });
  }
}

const CREDENTIALS = ['user', 'delegation'];

function identityOf(credentials: StorageCredentials): Readonly<Record<string, string>> {
  if (credentials === undefined) return { 'user.name': processUser() };
  const [name, another] = Object.keys(credentials);
  const value = credentials[name ?? ''];
  if (name === undefined || another !== undefined || !CREDENTIALS.includes(name) || !value) {
    const reason = `a profile for HDFS holds one of ${CREDENTIALS.join(', ')}, and nothing else`;
    throw new StorageError('INVALID', reason);
  }
  return name === 'user' ? { 'user.name': value } : { delegation: value };
}

function processUser(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    const reason = 'this process runs as a user without a name: give a profile with user';
    throw new StorageError('INVALID', reason, { cause });
  }
}
