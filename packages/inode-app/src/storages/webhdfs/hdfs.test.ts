import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Storage, StorageCredentials } from '../storage.js';
import { sendContent } from '../testing/send-content.js';
import { storageCompliance } from '../testing/storage-compliance.js';
import type { StorageHome } from '../testing/storage-home.js';
import { findHdfs, HDFS_JARS, HdfsCluster } from './hdfs.test.support.js';
import { remoteFailure, ScriptedNameNode } from './scripted-name-node.test.support.js';
import { WebHdfsDriver } from './webhdfs-driver.js';

const driver = new WebHdfsDriver('webhdfs');
const { signal } = new AbortController();
const jars = findHdfs(process.env);

it('HDFS is taken from where it is said to be, and nowhere else', () => {
  expect(findHdfs({})).toBeUndefined();
  expect(findHdfs({ [HDFS_JARS]: '/no/such/directory' })).toBeUndefined();
});

if (jars === undefined) {
  console.log(
    `no test of a real HDFS: ${HDFS_JARS} names no directory of its jars, or java is absent`,
  );
} else {
  describe('HDFS without permissions', () => testHdfs(jars, false));
  describe('HDFS with permissions', () => testHdfs(jars, true));
}

function testHdfs(directory: string, permissions: boolean): void {
  let hdfs: HdfsCluster;
  let places = 0;

  beforeAll(async () => {
    hdfs = await HdfsCluster.start({ jars: directory, permissions });
  });

  afterAll(() => hdfs[Symbol.asyncDispose]());

  const open = (path: string, credentials?: StorageCredentials): Promise<Storage> =>
    driver.open(`webhdfs://${hdfs.address}${path}`, {}, credentials);

  /** A directory of its own, open to all as `/tmp` is. */
  async function makePlace(): Promise<string> {
    const place = `/place ${places++}`;
    const query = 'op=MKDIRS&permission=1777';
    await hdfs.ask('PUT', encodeURI(place), query);
    return encodeURI(place);
  }

  async function createHome(): Promise<StorageHome> {
    const place = await makePlace();
    return {
      driver,
      uri: `webhdfs://${hdfs.address}${place}`,
      options: {},
      credentials: undefined,
      refusedNames: ['colon', 'bytes'],
      // It holds the name, and yet no content by it.
      untriedNames: ['decomposed'],
      inOneStep: true,
      openMissing: () => open('/missing/place'),
      openUnreachable: () => driver.open('webhdfs://127.0.0.1:1/', {}, undefined),
      writeFile: (path, content) => hdfs.write(`${decodeURI(place)}/${path}`, content),
      async remove() {
        await hdfs.ask('DELETE', place, 'op=DELETE&recursive=true');
      },
    };
  }

  for (const { name, run } of storageCompliance(createHome)) it(name, run);

  it('tells modes, owners and sizes', async () => {
    const place = await makePlace();
    await using storage = await open(place);
    await hdfs.write(`${decodeURI(place)}/f`, 'hello');
    await hdfs.ask('PUT', `${place}/f`, 'op=SETOWNER&owner=alice&group=staff');
    expect(await storage.stat('', signal)).toMatchObject({ mode: 0o1777, group: 'supergroup' });
    expect(await storage.stat('f', signal)).toMatchObject({
      mode: 0o644,
      owner: 'alice',
      group: 'staff',
      size: 5,
    });
  });

  it('a file that is being written has another fingerprint when it is closed', async () => {
    const place = await makePlace();
    await using storage = await open(place);
    const { location, method } = await storage.location('f', 'write', signal);
    // Two steps: the NameNode tells where, and the DataNode gets it.
    const redirected = await fetch(location, { method: method ?? '', redirect: 'manual' });
    const target = redirected.headers.get('location') ?? '';
    const writing = request(target, { method: method ?? '' });
    writing.write('begun');
    let begun = await storage.stat('f', signal);
    while (begun === undefined) {
      await sleep(10);
      begun = await storage.stat('f', signal);
    }
    expect(begun.size).toBe(0);
    writing.end();
    const [answer] = (await once(writing, 'response')) as [IncomingMessage];
    expect(answer.resume().statusCode).toBe(201);
    const closed = await storage.stat('f', signal);
    expect(closed?.size).toBe(5);
    expect(closed?.fingerprint).not.toBe(begun.fingerprint);
  });

  it('decomposed characters are another name, by which no content is reached', async () => {
    await using storage = await open(await makePlace());
    for (const name of ['e\u0301', '\u00e9']) await storage.makeDirectory(name, signal);
    const location = storage.location('e\u0301/f', 'write', signal);
    await expect(location).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    const composed = await storage.location('\u00e9/f', 'write', signal);
    await sendContent(composed.location, composed.method ?? '', 'x');
    expect((await storage.stat('\u00e9/f', signal))?.size).toBe(1);
    expect(await storage.stat('e\u0301/f', signal)).toBeUndefined();
  });

  it('a writer makes no directories', async () => {
    await using storage = await open(await makePlace());
    const { location, method } = await storage.location('gone/f', 'write', signal);
    await expect(sendContent(location, method ?? '', 'x')).rejects.toThrow('404');
    expect(await storage.stat('gone', signal)).toBeUndefined();
  });

  it('what others may not, it may not either, where permissions are asked for', async () => {
    const place = await makePlace();
    await hdfs.ask('PUT', `${place}/closed`, 'op=MKDIRS&permission=700');
    await hdfs.ask('PUT', `${place}/closed/d`, 'op=MKDIRS');
    await using storage = await open(place, { user: 'alice' });
    const calls = [
      () => storage.stat('closed/d', signal),
      () => storage.list('closed', signal)[Symbol.asyncIterator]().next(),
      () => storage.makeDirectory('closed/e', signal),
      () => storage.rename('closed/d', 'd', signal),
      () => storage.remove('closed', { recursive: true }, signal),
    ];
    for (const call of calls) {
      if (permissions) await expect(call()).rejects.toMatchObject({ code: 'FORBIDDEN' });
      else await call();
    }
    expect((await hdfs.ask('GET', place, 'op=LISTSTATUS')).includes('closed')).toBe(permissions);
  });

  it('a quota that is used up is told as such', async () => {
    const place = await makePlace();
    await hdfs.ask('PUT', place, 'op=SETQUOTA&namespacequota=2');
    await using storage = await open(place);
    await storage.makeDirectory('a', signal);
    await expect(storage.makeDirectory('b', signal)).rejects.toMatchObject({ code: 'FULL' });
  });

  it('a directory with snapshots stays, and its snapshots are no part of the tree', async () => {
    const place = await makePlace();
    await hdfs.ask('PUT', `${place}/d`, 'op=MKDIRS');
    await hdfs.ask('PUT', `${place}/d`, 'op=ALLOWSNAPSHOT');
    await hdfs.ask('PUT', `${place}/d`, 'op=CREATESNAPSHOT&snapshotname=s');
    await using storage = await open(place);
    for await (const page of storage.list('d', signal)) expect(page.entries).toEqual([]);
    expect(storage.pathFault('d/.snapshot/s')).toContain('.snapshot');
    await expect(storage.stat('d/.snapshot/s', signal)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    const removal = storage.remove('d', { recursive: true }, signal);
    await expect(removal).rejects.toMatchObject({ code: 'UNSUPPORTED', outcome: 'definite' });
    const rename = storage.rename('d', 'e', signal);
    await expect(rename).rejects.toMatchObject({ code: 'UNSUPPORTED', outcome: 'definite' });
  });

  it('safe mode asks for patience', async () => {
    await using storage = await open(await makePlace());
    await hdfs.safeMode(true);
    await expect(storage.makeDirectory('d', signal)).rejects.toMatchObject({ code: 'BUSY' });
    await hdfs.safeMode(false);
    await storage.makeDirectory('d', signal);
  });

  it('is found behind a NameNode that stands by, and one that is gone', async () => {
    const place = await makePlace();
    await using standby = await ScriptedNameNode.open(() => remoteFailure(403, 'StandbyException'));
    const options = { namenodes: `127.0.0.1:1,${standby.address},${hdfs.address}` };
    await using storage = await driver.open(`webhdfs://cluster${place}`, options, undefined);
    await storage.makeDirectory('d', signal);
    expect((await storage.stat('d', signal))?.type).toBe('directory');
    const { location } = await storage.location('d/f', 'write', signal);
    expect(new URL(location).host).toBe(hdfs.address);
    expect(standby.seen).toHaveLength(1);
  });

  it('the root of HDFS is a place, without what is HDFS’s own', async () => {
    await makePlace();
    await using storage = await open('/');
    const names: string[] = [];
    for await (const page of storage.list('', signal)) {
      names.push(...page.entries.map(({ name }) => name));
    }
    expect(names.length).toBeGreaterThan(0);
    expect(storage.pathFault('.reserved/raw')).toContain('.reserved');
    expect(storage.pathFault('a/.reserved')).toBeUndefined();
    await storage.makeDirectory(`root ${places}`, signal);
  });
}
