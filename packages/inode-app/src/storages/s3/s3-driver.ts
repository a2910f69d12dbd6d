import type { ParsedPlace, StorageDriver, StorageOptions } from '../storage.js';
import { endpointHost, understandCredentials, understandPlace } from './s3-place.js';

/**
 * Opens `s3://bucket/prefix`; the prefix is as keys begin, with nothing encoded in it, and need not be there.
 *
 * Options: `endpoint` (a URL, for any server but Amazon's), `region` (us-east-1), `pathStyle` (false; true for most
 * servers but Amazon's), `anonymous` (false; true: nothing is signed), `parallel` (copies at a time, 1 to 256; 16),
 * `multipartCopyBytes` (objects above it are copied in parts; 5 MiB to 5 GiB, which is where they must be).
 * Credentials: `accessKeyId`, `secretAccessKey`, `sessionToken`; without, those that AWS's tools would find.
 */
export const s3Driver: StorageDriver = {
  scheme: 's3',

  parse(uri: string, options: StorageOptions): ParsedPlace {
    const { bucket, prefix, endpoint } = understandPlace(uri, options);
    const path = `${bucket}/${prefix}`.replace(/\/$/, '');
    const host = endpointHost(endpoint);
    return { uri: `s3://${path}`, place: host === '' ? `s3://${path}` : `s3://${host}/${path}` };
  },

  async open(uri, options, credentials) {
    const place = understandPlace(uri, options);
    const known = understandCredentials(credentials);
    // The SDK is large: whoever mounts no bucket does without.
    const { S3Storage } = await import('./s3-storage.js');
    return new S3Storage(place, known);
  },
};
