import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { StorageOptions } from '../storage.js';
import type { StorageHome } from '../testing/storage-home.js';
import { s3Driver } from './s3-driver.js';
import { decodeListedKey } from './s3-keys.js';
import { CREDENTIALS, freePort, type ServerProgram } from './s3-server.test.support.js';

/** A bucket of its own on a server, with what is asked of the server behind the storage's back. */
export interface BucketHome extends StorageHome {
  readonly client: S3Client;
  readonly bucket: string;
  keys(): Promise<readonly string[]>;
}

let buckets = 0;

/** A home in a new bucket of a server. */
export async function createBucketHome(
  endpoint: string,
  { prefix, unheldNames }: Pick<ServerProgram, 'prefix' | 'unheldNames'>,
): Promise<BucketHome> {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    // The SDK writes into what it is given.
    credentials: { ...CREDENTIALS },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const Bucket = `bucket-${process.pid}-${++buckets}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  const options: StorageOptions = { endpoint, pathStyle: 'true' };
  const keys = async () => {
    const found: string[] = [];
    let token: string | undefined;
    do {
      const output = await client.send(
        new ListObjectsV2Command({ Bucket, ContinuationToken: token, EncodingType: 'url' }),
      );
      const decode = output.EncodingType === 'url' ? decodeListedKey : (key: string) => key;
      for (const { Key } of output.Contents ?? []) found.push(decode(Key ?? ''));
      token = output.NextContinuationToken;
    } while (token !== undefined);
    return found;
  };
  return {
    driver: s3Driver,
    uri: `s3://${Bucket}/${prefix}`.replace(/\/$/, ''),
    options,
    credentials: CREDENTIALS,
    refusedNames: ['control', 'unassigned', 'bytes'],
    untriedNames: unheldNames,
    client,
    bucket: Bucket,
    keys,
    openMissing: () => s3Driver.open(`s3://${Bucket}-missing/${prefix}`, options, CREDENTIALS),
    async openUnreachable() {
      const nobody = { ...options, endpoint: `http://127.0.0.1:${await freePort()}` };
      return s3Driver.open(`s3://${Bucket}`, nobody, CREDENTIALS);
    },
    async writeFile(path, content) {
      await client.send(new PutObjectCommand({ Bucket, Key: `${prefix}${path}`, Body: content }));
    },
    async remove() {
      for (const Key of (await keys()).toReversed()) {
        await client.send(new DeleteObjectCommand({ Bucket, Key }));
      }
      await client.send(new DeleteBucketCommand({ Bucket }));
      client.destroy();
    },
  };
}
