import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type StorageClass,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { StorageError } from '../storage-error.js';
import { eachInParallel } from './parallel.js';
import { type S3Bucket, type S3Object, versionOf } from './s3-bucket.js';
import { s3Error } from './s3-error.js';
import { copySource } from './s3-keys.js';

/** Of a copy whose own ETag is another: the version of its source. Among an object's own metadata. */
const COPY_OF = 'inode-app-copy-of';
const MAX_PARTS = 10_000;
/** For taking back what a copy that failed has left. */
const CLEAN_UP_MS = 10_000;

interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

export interface CopyLimits {
  /** Requests at a time. */
  readonly parallel: number;
  /** Objects above it are copied in parts of as much. */
  readonly multipartCopyBytes: number;
}

/**
 * Copies single objects, within the server. Content, type, own metadata and storage class go along, and tags where the server
 * copies it at once; access lists and encryption are the bucket's.
 */
export class S3Copier {
  readonly #bucket: S3Bucket;
  readonly #limits: CopyLimits;
  /** Undefined until one was copied; false where the ETag of a copy is no sum of its content (keys of KMS). */
  #keepsETags: boolean | undefined;

  constructor(bucket: S3Bucket, limits: CopyLimits) {
    this.#bucket = bucket;
    this.#limits = limits;
  }

  /** Copies to where nothing is. Rejects with ALREADY_EXISTS where something else is, BUSY where the source changes. */
  async copy(source: S3Object, key: string, signal: AbortSignal): Promise<void> {
    if (!key.isWellFormed()) {
      const problem = 'a key that is not Unicode can not be named to the server';
      throw new StorageError('UNSUPPORTED', `COPY of ${JSON.stringify(key)}: ${problem}`);
    }
    // Some servers copy none that is a directory to them.
    if (isMarker(source)) {
      await this.#bucket.putEmpty(key, signal);
      return;
    }
    const isDone =
      source.size > this.#limits.multipartCopyBytes
        ? await this.#copyInParts(source, key, signal)
        : await this.#copyAtOnce(source, key, signal);
    if (!isDone) await this.#explainRefusal(source, key, signal);
  }

  /** Whether an object is a copy of another as that is now. */
  async isCopy(source: S3Object, there: S3Object, signal: AbortSignal): Promise<boolean> {
    if (isMarker(source) && isMarker(there)) return true;
    if (source.size !== there.size) return false;
    if (source.etag !== '' && source.etag === there.etag) return true;
    const { Metadata } = await this.#headers(there.key, signal);
    return Metadata?.[COPY_OF] === versionOf(source);
  }

  async #copyAtOnce(source: S3Object, key: string, signal: AbortSignal): Promise<boolean> {
    // One that was put in parts gets another ETag, whatever the server does with others; some have none.
    const isOfContent = source.etag !== '' && !source.etag.includes('-');
    const isMarked = this.#keepsETags !== true || !isOfContent;
    const headers = isMarked ? await this.#markedHeaders(source, signal) : {};
    let etag: string | undefined;
    const isDone = await this.#bucket.conditionally('COPY', source.key, async (condition) => {
      etag = await this.#sendCopy(source, key, { ...headers, ...condition }, signal);
    });
    if (!isDone || !isOfContent) return isDone;
    this.#keepsETags = etag === source.etag;
    if (isMarked || this.#keepsETags) return true;
    // It is ours, and would not be known as that.
    const marked = await this.#markedHeaders(source, signal);
    await this.#ask(source, () => this.#sendCopy(source, key, marked, signal));
    return true;
  }

  /** Resolves with the ETag of the copy. */
  async #sendCopy(
    source: S3Object,
    key: string,
    headers: Partial<CopyObjectCommandInput>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { CopyObjectResult } = await this.#bucket.client.send(
      new CopyObjectCommand({
        ...headers,
        ...this.#target(source, key),
        MetadataDirective: headers.Metadata === undefined ? 'COPY' : 'REPLACE',
      }),
      { abortSignal: signal },
    );
    return CopyObjectResult?.ETag;
  }

  async #copyInParts(source: S3Object, key: string, signal: AbortSignal): Promise<boolean> {
    const headers = await this.#markedHeaders(source, signal);
    const { Bucket, Key, StorageClass } = this.#target(source, key);
    const { client } = this.#bucket;
    const { UploadId } = await this.#ask(source, () =>
      client.send(new CreateMultipartUploadCommand({ ...headers, Bucket, Key, StorageClass }), {
        abortSignal: signal,
      }),
    );
    const upload = { Bucket, Key, UploadId };
    try {
      const Parts = await this.#copyParts(source, upload, signal);
      const isDone = await this.#bucket.conditionally('COPY', source.key, (condition) =>
        client.send(
          new CompleteMultipartUploadCommand({
            ...condition,
            ...upload,
            MultipartUpload: { Parts: [...Parts] },
          }),
          { abortSignal: signal },
        ),
      );
      if (!isDone) await this.#takeBack(upload);
      return isDone;
    } catch (error) {
      await this.#takeBack(upload);
      throw error;
    }
  }

  async #copyParts(
    source: S3Object,
    upload: Upload,
    signal: AbortSignal,
  ): Promise<readonly CompletedPart[]> {
    const bytes = Math.max(this.#limits.multipartCopyBytes, Math.ceil(source.size / MAX_PARTS));
    const count = Math.ceil(source.size / bytes);
    const parts: CompletedPart[] = Array.from({ length: count }, (_, i) => ({ PartNumber: i + 1 }));
    await eachInParallel(parts.keys(), this.#limits.parallel, signal, async (i, within) => {
      const last = Math.min((i + 1) * bytes, source.size) - 1;
      const { CopyPartResult } = await this.#ask(source, () =>
        this.#bucket.client.send(
          new UploadPartCopyCommand({
            ...upload,
            PartNumber: i + 1,
            CopySource: copySource(this.#bucket.name, source.key),
            CopySourceIfMatch: source.etag === '' ? undefined : source.etag,
            CopySourceRange: `bytes=${i * bytes}-${last}`,
          }),
          { abortSignal: within },
        ),
      );
      parts[i] = { PartNumber: i + 1, ETag: CopyPartResult?.ETag };
    });
    return parts;
  }

  /** Parts that nobody completes are stored, and paid for, without being seen. */
  async #takeBack(upload: Upload): Promise<void> {
    await this.#bucket.client
      .send(new AbortMultipartUploadCommand(upload), {
        abortSignal: AbortSignal.timeout(CLEAN_UP_MS),
      })
      // The bucket's rule for unfinished uploads is left to do it.
      .catch(() => undefined);
  }

  /** Something was in the way, or the source is another now: the server does not say which. */
  async #explainRefusal(source: S3Object, key: string, signal: AbortSignal): Promise<void> {
    const there = await this.#bucket.head(key, signal);
    if (there === undefined) {
      throw new StorageError(
        'BUSY',
        `COPY of ${JSON.stringify(source.key)}: it was changed meanwhile`,
      );
    }
    if (!(await this.isCopy(source, there, signal))) throw isAnother(key);
  }

  #target(source: S3Object, key: string) {
    return {
      Bucket: this.#bucket.name,
      Key: key,
      CopySource: copySource(this.#bucket.name, source.key),
      CopySourceIfMatch: source.etag === '' ? undefined : source.etag,
      StorageClass: source.storageClass as StorageClass | undefined,
    };
  }

  /** What a new object must be told, to be as its source and known as its copy. */
  async #markedHeaders(source: S3Object, signal: AbortSignal) {
    const headers = await this.#headers(source.key, signal);
    return {
      CacheControl: headers.CacheControl,
      ContentDisposition: headers.ContentDisposition,
      ContentEncoding: headers.ContentEncoding,
      ContentLanguage: headers.ContentLanguage,
      ContentType: headers.ContentType,
      WebsiteRedirectLocation: headers.WebsiteRedirectLocation,
      Metadata: { ...headers.Metadata, [COPY_OF]: versionOf(source) },
    };
  }

  #headers(key: string, signal: AbortSignal): Promise<HeadObjectCommandOutput> {
    return this.#bucket.client
      .send(new HeadObjectCommand({ Bucket: this.#bucket.name, Key: key }), {
        abortSignal: signal,
      })
      .catch((error) => Promise.reject(s3Error(error, 'HEAD', key)));
  }

  async #ask<Output>(source: S3Object, send: () => Promise<Output>): Promise<Output> {
    try {
      return await send();
    } catch (error) {
      throw s3Error(error, 'COPY', source.key);
    }
  }
}

/** What is there only to make a directory; its ETag says nothing. */
function isMarker({ key, size }: S3Object): boolean {
  return size === 0 && key.endsWith('/');
}

export function isAnother(key: string): StorageError {
  return new StorageError(
    'ALREADY_EXISTS',
    `${JSON.stringify(key)}: something else is there already`,
  );
}
