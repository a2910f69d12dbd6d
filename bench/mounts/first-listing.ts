import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localDriver, s3Driver } from 'inode-app/storages';
import {
  listAlone,
  type MountBench,
  makeFiles,
  megabytes,
  type Place,
  PROFILE,
  rounded,
} from './bench.js';

const SERVER = fileURLToPath(new URL('../scripted-s3.js', import.meta.url));
/** Entries in, at which the memory of the leader is looked at. */
const MARK = 100_000;

/** A directory of so many files, and a prefix of so many keys, come in for the first time. */
export async function firstListing(bench: MountBench) {
  const files = join(bench.directory, 'many');
  process.stdout.write(`making ${bench.entries} files\n`);
  makeFiles(files, bench.entries);
  const local = { driver: localDriver, uri: `file://${files}`, options: {}, profile: '' };
  const figures = [await measureFirst(bench, { ...local, name: 'local' })];

  const server = fork(SERVER, [String(bench.entries)]);
  try {
    const [address] = (await once(server, 'message')) as [AddressInfo];
    const options = { endpoint: `http://127.0.0.1:${address.port}`, pathStyle: 'true' };
    const place = { driver: s3Driver, uri: 's3://scripted/many', options, profile: PROFILE };
    figures.push(await measureFirst(bench, { ...place, name: 'scripted-s3' }));
  } finally {
    server.disconnect();
    await once(server, 'exit');
  }
  console.table(Object.fromEntries(figures.map(({ name, ...rest }) => [name, rest])));
  return figures;
}

async function measureFirst({ cluster, client, entries }: MountBench, place: Place) {
  const alone = await listAlone(place);
  if (alone.entries !== entries) throw new Error(`${alone.entries} entries, not ${entries}`);
  const { uri, options, profile } = place;
  const path = `/${place.name}`;
  await client.mount(path, uri, { options, profile });
  const { rssBytes } = await cluster.usage('newPeak');
  let atMark = 0;
  let changed = 0;
  const onProgress = async (progress: { readonly entries: number }) => {
    if (atMark > 0 || progress.entries < MARK) return;
    atMark = (await cluster.usage()).peakRssBytes;
  };
  const took = await cluster.measure(async () => {
    ({ changed } = await client.sync(path, {
      onProgress: (progress) => void onProgress(progress),
    }));
  });
  if (changed !== entries) throw new Error(`${changed} entries came, not ${entries}`);
  const { peakRssBytes } = await cluster.usage();
  await client.unmount(path);
  const seconds = took.ms / 1000;
  return {
    name: place.name,
    entries,
    alonePerSecond: Math.round(entries / alone.seconds),
    perSecond: Math.round(entries / seconds),
    'ratio of time': rounded(seconds / alone.seconds),
    'alone µs processor/entry': rounded((alone.processorMs * 1000) / entries),
    'leader µs processor/entry': rounded((took.processorMs * 1000) / entries),
    'RSS MB before': megabytes(rssBytes),
    'peak at 100k': megabytes(atMark),
    'peak at all': megabytes(peakRssBytes),
  };
}
