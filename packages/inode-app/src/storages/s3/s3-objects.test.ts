import {
  CopyObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Storage, StorageOptions } from '../storage.js';
import { s3Driver } from './s3-driver.js';
import { type BucketHome, createBucketHome } from './s3-home.test.support.js';
import {
  findProgram,
  type S3Server,
  SERVER_PROGRAMS,
  startServer,
} from './s3-server.test.support.js';

const PART_BYTES = 5 * 1024 * 1024;
const signal = new AbortController().signal;

interface Opened {
  readonly home: BucketHome;
  readonly storage: Storage;
}

async function namesIn(storage: Storage, path: string) {
  const entries: string[] = [];
  const skipped: string[] = [];
  for await (const page of storage.list(path, signal)) {
    entries.push(...page.entries.map(({ name, type }) => (type === 'file' ? name : `${name}/`)));
    skipped.push(...page.skipped.map(({ name }) => name));
  }
  return { entries: entries.sort(), skipped: skipped.sort() };
}

for (const program of SERVER_PROGRAMS) {
  const file = findProgram(program);
  describe(`objects of S3 by ${program.name}`, () => {
    if (file === undefined) {
      it('are not tried, as the server is not here', () => {
        process.stdout.write(`No ${program.name}: objects are not tried against it.\n`);
      });
      return;
    }
    let server: S3Server;
    beforeAll(async () => {
      server = await startServer(program, file);
    });
    afterAll(() => server[Symbol.asyncDispose]());

    async function open(options: StorageOptions = {}): Promise<Opened> {
      const home = await createBucketHome(server.endpoint, { ...program, prefix: '' });
      const all = { ...home.options, ...options };
      const storage = await s3Driver.open(home.uri, all, home.credentials);
      onTestFinished(async () => {
        await storage.close();
        await home.remove();
      });
      return { home, storage };
    }

    it('a directory is a marker, and stays by one', async () => {
      const { home, storage } = await open();
      await storage.makeDirectory('a', signal);
      await home.writeFile('b/c', 'x');
      await storage.remove('b/c', { recursive: false }, signal);
      expect(await home.keys()).toEqual(['a/', 'b/']);
    });

    it('large ones are copied in parts, with what they are told of', async () => {
      const { home, storage } = await open({ multipartCopyBytes: String(PART_BYTES) });
      const put = {
        Bucket: home.bucket,
        Key: 'large',
        Body: Buffer.alloc(2 * PART_BYTES + 1, 'content'),
        ContentType: 'text/x-large',
        Metadata: { colour: 'blue' },
      };
      await home.client.send(new PutObjectCommand(put));
      await storage.copy('large', 'copy', {}, signal);
      const copy = await home.client.send(
        new HeadObjectCommand({ Bucket: home.bucket, Key: 'copy' }),
      );
      expect(copy).toMatchObject({
        ContentLength: put.Body.length,
        ContentType: put.ContentType,
        Metadata: put.Metadata,
      });
      // The ETag of parts is another, and the copy is known all the same.
      await storage.copy('large', 'copy', {}, signal);
      expect(await storage.removeCopied('large', 'copy', {}, signal)).toBe(0);
      // And once more, as part of a directory.
      await home.client.send(
        new CopyObjectCommand({
          Bucket: home.bucket,
          Key: 'd/large',
          CopySource: `${home.bucket}/copy`,
        }),
      );
      await storage.copy('d', 'e', {}, signal);
      await storage.copy('d', 'e', {}, signal);
      expect(await storage.removeCopied('d', 'e', {}, signal)).toBe(0);
      expect(await home.keys()).toEqual(['copy', 'e/large']);
      const { Uploads } = await home.client.send(
        new ListMultipartUploadsCommand({ Bucket: home.bucket }),
      );
      expect(Uploads ?? []).toEqual([]);
    });

    it('small ones keep what they are told of, too', async () => {
      const { home, storage } = await open();
      for (const Key of ['first', 'second']) {
        await home.client.send(
          new PutObjectCommand({
            Bucket: home.bucket,
            Key,
            Body: Key,
            ContentType: 'text/x-small',
            Metadata: { colour: 'blue' },
          }),
        );
        await storage.copy(Key, `${Key}-copy`, {}, signal);
        const copy = { Bucket: home.bucket, Key: `${Key}-copy` };
        expect(await home.client.send(new HeadObjectCommand(copy))).toMatchObject({
          ContentType: 'text/x-small',
          Metadata: { colour: 'blue' },
        });
      }
    });

    // A directory of files can't hold these.
    if (program.name === 'versitygw') return;

    it('keys that no tree holds are skipped, and go with their directory', async () => {
      const { home, storage } = await open();
      const long = 'n'.repeat(300);
      const keys = ['d//x', 'd/./y', 'd/../z', `d/${long}`, 'd/ok', 'd/sub/ok', 'd/sub//x'];
      for (const key of keys) await home.writeFile(key, 'x');
      await home.writeFile('d/marked/', 'content');
      expect(await namesIn(storage, 'd')).toEqual({
        entries: ['marked/', 'ok', 'sub/'],
        skipped: ['../', './', '/', long],
      });
      expect((await namesIn(storage, 'd/marked')).skipped).toEqual(['/']);
      await storage.copy('d', 'e', {}, signal);
      expect(await storage.removeCopied('d', 'e', {}, signal)).toBe(0);
      const copied = [...keys, 'd/marked/'].map((key) => key.replace('d/', 'e/'));
      expect([...(await home.keys())].sort()).toEqual(copied.sort());
      await storage.remove('e', { recursive: true }, signal);
      expect(await home.keys()).toEqual([]);
    });

    it('a key that is a prefix too is a file, and hides it', async () => {
      const { home, storage } = await open();
      for (const key of ['a', 'a-b', 'a/c']) await home.writeFile(key, 'x');
      expect(await namesIn(storage, '')).toEqual({ entries: ['a', 'a-b'], skipped: ['a/'] });
      expect((await storage.stat('a', signal))?.type).toBe('file');
      await expect(namesIn(storage, 'a')).rejects.toMatchObject({ code: 'NOT_A_DIRECTORY' });
      await storage.remove('a', { recursive: true }, signal);
      expect(await namesIn(storage, '')).toEqual({ entries: ['a-b', 'a/'], skipped: [] });
    });
  });
}
