import { createHash } from 'node:crypto';
import {
  type _Object,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { MAX_STORAGE_PAGE } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { failureOf, s3Error, s3KeyError } from './s3-error.js';
import { characterFault, decodeListedKey } from './s3-keys.js';
import type { S3Credentials, S3Place } from './s3-place.js';

/** Connections beyond those that copies take. */
const MORE_SOCKETS = 64;

/** An object, as a listing tells of it. */
export interface S3Object {
  readonly key: string;
  readonly size: number;
  /** With its quotes, as the server gives it; empty where it gives none. */
  readonly etag: string;
  /** Whole seconds, in milliseconds: HEAD knows no more, and both must say the same. */
  readonly modifiedMs: number | undefined;
  readonly storageClass: string | undefined;
}

/** Another one whenever the content is, as far as the server tells. */
export function versionOf({ etag, modifiedMs, size }: S3Object): string {
  return etag === '' ? `${modifiedMs ?? 'no time'}-${size}` : etag.replaceAll('"', '');
}

/** Part of a listing. */
export interface S3Page {
  readonly objects: readonly S3Object[];
  /** What keys have in common up to the next `/`, with it; where it was asked for. */
  readonly prefixes: readonly string[];
}

export interface ListRequest {
  readonly prefix: string;
  readonly isDelimited: boolean;
  /** Keys and prefixes a page. */
  readonly maxKeys?: number;
}

/** The requests to one bucket, one HTTP request each; none is tried again. Rejects with StorageError. */
export class S3Bucket {
  readonly name: string;
  readonly client: S3Client;
  /** Whether the server understands If-None-Match; some refuse what they do not know. */
  #isConditional = true;

  constructor(place: S3Place, credentials: S3Credentials | undefined) {
    this.name = place.bucket;
    this.client = openClient(place, credentials);
  }

  /** What a key holds; undefined where the server says that there is none, or no bucket. */
  async head(key: string, signal: AbortSignal): Promise<S3Object | undefined> {
    try {
      const input = { Bucket: this.name, Key: key };
      const { ContentLength, ETag, LastModified, StorageClass } = await this.client.send(
        new HeadObjectCommand(input),
        { abortSignal: signal },
      );
      return objectOf(key, ContentLength, ETag, LastModified, StorageClass);
    } catch (error) {
      if (failureOf(error).status === 404) return undefined;
      throw s3Error(error, 'HEAD', key);
    }
  }

  /** All keys below a prefix, page by page, in the order of their bytes. */
  async *list(request: ListRequest, signal: AbortSignal): AsyncGenerator<S3Page, void, void> {
    let token: string | undefined;
    for (;;) {
      const output = await this.#listPage(request, token, signal);
      const decode = output.EncodingType === 'url' ? decodeListedKey : (key: string) => key;
      yield {
        objects: (output.Contents ?? []).map((object) => listedObject(object, decode)),
        prefixes: (output.CommonPrefixes ?? []).map(({ Prefix }) => decode(Prefix ?? '')),
      };
      if (output.IsTruncated !== true) return;
      const next = output.NextContinuationToken;
      // Some servers come no further.
      if (next === undefined || next === token) {
        const problem = 'the server does not say how its list goes on';
        throw new StorageError('FAILED', `LIST of ${JSON.stringify(request.prefix)}: ${problem}`);
      }
      token = next;
    }
  }

  /** The first keys below a prefix. */
  async firstKeys(
    prefix: string,
    maxKeys: number,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    for await (const page of this.list({ prefix, isDelimited: false, maxKeys }, signal)) {
      // A page may be empty and not the last.
      if (page.objects.length > 0) return page.objects.map(({ key }) => key);
    }
    return [];
  }

  /** Makes an empty object; whether it did: not where one is there already, as far as the server can tell. */
  async putEmpty(key: string, signal: AbortSignal): Promise<boolean> {
    const input = { Bucket: this.name, Key: key, Body: '', ContentLength: 0 };
    return this.conditionally('PUT', key, (condition) =>
      this.client.send(new PutObjectCommand({ ...input, ...condition }), { abortSignal: signal }),
    );
  }

  /**
   * Sends what must not replace anything, with the condition where the server knows it. Resolves with false where
   * something was in the way.
   */
  async conditionally(
    request: string,
    key: string,
    send: (condition: { readonly IfNoneMatch?: string }) => Promise<unknown>,
  ): Promise<boolean> {
    try {
      await send(this.#isConditional ? { IfNoneMatch: '*' } : {});
      return true;
    } catch (error) {
      const { name, status } = failureOf(error);
      if (status === 412) return false;
      if (!this.#isConditional || (status !== 501 && name !== 'NotImplemented')) {
        throw s3Error(error, request, key);
      }
    }
    this.#isConditional = false;
    return this.conditionally(request, key, send);
  }

  /** Deletes one key, there or not. */
  async delete(key: string, signal: AbortSignal): Promise<void> {
    if (!key.isWellFormed()) {
      const problem = 'a key that is not Unicode can not be named to the server';
      throw new StorageError('UNSUPPORTED', `DELETE of ${JSON.stringify(key)}: ${problem}`);
    }
    try {
      await this.client.send(new DeleteObjectCommand({ Bucket: this.name, Key: key }), {
        abortSignal: signal,
      });
    } catch (error) {
      throw s3Error(error, 'DELETE', key);
    }
  }

  /** Deletes the keys of one page of a listing, which is what one request takes; of those that were refused, rejects with the first. */
  async deleteAll(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const inBatch = keys.filter((key) => characterFault(key) === undefined);
    try {
      await this.#deleteBatch(inBatch, signal);
    } catch (error) {
      if (failureOf(error).status !== 501) throw s3Error(error, 'DELETE', inBatch[0] ?? '');
      // As servers do that know single keys only.
      for (const key of inBatch) await this.delete(key, signal);
    }
    for (const key of keys) if (characterFault(key) !== undefined) await this.delete(key, signal);
  }

  /** A URL with which anybody gets or puts one object. */
  async signedUrl(key: string, method: 'GET' | 'PUT', validSeconds: number): Promise<string> {
    const input = { Bucket: this.name, Key: key };
    const command = method === 'GET' ? new GetObjectCommand(input) : new PutObjectCommand(input);
    try {
      return await getSignedUrl(this.client, command, { expiresIn: validSeconds });
    } catch (error) {
      throw s3Error(error, 'A signed URL', key);
    }
  }

  async #deleteBatch(keys: readonly string[], signal: AbortSignal): Promise<void> {
    if (keys.length === 0) return;
    const Objects = keys.map((Key) => ({ Key }));
    const { Errors } = await this.client.send(
      new DeleteObjectsCommand({ Bucket: this.name, Delete: { Objects, Quiet: true } }),
      { abortSignal: signal },
    );
    const failed = (Errors ?? []).find(({ Code }) => Code !== 'NoSuchKey');
    if (failed === undefined) return;
    throw s3KeyError(failed.Code ?? 'an error without a name', 'DELETE', failed.Key ?? '');
  }

  async #listPage(
    { prefix, isDelimited, maxKeys = MAX_STORAGE_PAGE }: ListRequest,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<ListObjectsV2CommandOutput> {
    try {
      return await this.client.send(
        new ListObjectsV2Command({
          Bucket: this.name,
          Prefix: prefix,
          Delimiter: isDelimited ? '/' : undefined,
          MaxKeys: maxKeys,
          ContinuationToken: token,
          // XML carries not all that keys may hold.
          EncodingType: 'url',
        }),
        { abortSignal: signal },
      );
    } catch (error) {
      throw s3Error(error, 'LIST', prefix);
    }
  }
}

function openClient(place: S3Place, credentials: S3Credentials | undefined): S3Client {
  const agent = { keepAlive: true, maxSockets: place.parallel + MORE_SOCKETS };
  const client = new S3Client({
    region: place.region,
    forcePathStyle: place.pathStyle,
    // Whoever uses the storage tries again.
    maxAttempts: 1,
    // Others than Amazon know none of its newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { httpAgent: agent, httpsAgent: agent },
    ...(place.endpoint === undefined ? {} : { endpoint: place.endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(place.anonymous ? { signer: { sign: async (request) => request } } : {}),
  });
  addContentMd5(client);
  return client;
}

/** A batch of keys to delete must have a checksum: older servers ask for this one and know no other. */
function addContentMd5(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => async (input) => {
      const { request } = input as {
        request?: { readonly headers: Record<string, string>; readonly body?: unknown };
      };
      const { commandName } = context;
      const isBatch = commandName === 'DeleteObjectsCommand';
      if (isBatch && request !== undefined && typeof request.body === 'string') {
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64');
      }
      return next(input);
    },
    { step: 'build', name: 'contentMd5', priority: 'low' },
  );
}

function listedObject(
  { Key = '', Size, ETag, LastModified, StorageClass }: _Object,
  decode: (key: string) => string,
): S3Object {
  return objectOf(decode(Key), Size, ETag, LastModified, StorageClass);
}

function objectOf(
  key: string,
  size: number | undefined,
  etag: string | undefined,
  modified: Date | undefined,
  storageClass: string | undefined,
): S3Object {
  const seconds = modified === undefined ? Number.NaN : Math.floor(modified.getTime() / 1000);
  return {
    key,
    size: size ?? 0,
    etag: etag ?? '',
    modifiedMs: Number.isNaN(seconds) ? undefined : seconds * 1000,
    storageClass,
  };
}
