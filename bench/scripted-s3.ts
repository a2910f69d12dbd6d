/**
 * A server for bench/mounts.ts that answers as S3 does and holds nothing: so many keys below one prefix, listed as fast
 * as they can be written. It stands for a store that is never what one waits for.
 */
import { createServer } from 'node:http';

const MAX_KEYS = 1000;
const PREFIX = 'many/';

function main(entries: number): void {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method !== 'GET' || url.searchParams.get('list-type') !== '2') {
      response.writeHead(404).end();
      return;
    }
    const { searchParams } = url;
    const maxKeys = Math.min(Number(searchParams.get('max-keys') ?? MAX_KEYS), MAX_KEYS);
    const from = Number(searchParams.get('continuation-token') ?? 0);
    const isBelow = searchParams.get('prefix') === PREFIX;
    response.setHeader('content-type', 'application/xml');
    response.end(page(from, isBelow ? Math.min(from + maxKeys, entries) : from, entries));
  });
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
  process.once('disconnect', () => {
    server.close();
    server.closeAllConnections();
  });
}

function page(from: number, to: number, entries: number): string {
  let contents = '';
  for (let n = from; n < to; n += 1) {
    const digits = String(n).padStart(32, '0');
    contents +=
      `<Contents><Key>${PREFIX}part-${digits.slice(-8)}.parquet</Key>` +
      `<LastModified>2024-05-06T07:08:09.000Z</LastModified><ETag>&quot;${digits}&quot;</ETag>` +
      `<Size>${n}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  }
  const isLast = to === entries || to === from;
  const token = isLast ? '' : `<NextContinuationToken>${to}</NextContinuationToken>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    `<Prefix>${PREFIX}</Prefix><KeyCount>${to - from}</KeyCount><MaxKeys>${MAX_KEYS}</MaxKeys>` +
    `<EncodingType>url</EncodingType><IsTruncated>${!isLast}</IsTruncated>${token}${contents}` +
    '</ListBucketResult>'
  );
}

main(Number(process.argv[2]));
