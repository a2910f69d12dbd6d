import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NamespaceClient } from 'inode-app';
import { localDriver, type Storage, s3Driver } from 'inode-app/storages';
import {
  CREDENTIALS,
  type MountBench,
  middle,
  openPlace,
  type Place,
  PROFILE,
  rounded,
} from './bench.js';
import { findVersitygw, startVersitygw } from './versitygw.js';

const OUTSTANDING = [1, 32] as const;
const CONTENT = 'x'.repeat(100);

/** One way of doing each change; `n` names what is changed. */
interface Changes {
  mkdir(n: string): Promise<unknown>;
  write(n: string): Promise<unknown>;
  rename(n: string): Promise<unknown>;
  delete(n: string): Promise<unknown>;
}

const STEPS = ['mkdir', 'write', 'rename', 'delete'] as const;

/** Changes through a mount, of the storage alone and of the tree alone: in turns, each of its own entries. */
export async function changes(bench: MountBench) {
  const files = join(bench.directory, 'changes');
  mkdirSync(files);
  const local = { driver: localDriver, uri: `file://${files}`, options: {}, profile: '' };
  const figures = await compare(bench, { ...local, name: 'local' }, 500);
  const program = findVersitygw();
  if (program === undefined) {
    process.stdout.write('no versitygw in PATH or VERSITYGW: changes in S3 are not measured\n');
  } else {
    await using server = await startVersitygw(program, bench.directory, CREDENTIALS);
    const options = { endpoint: server.endpoint, pathStyle: 'true' };
    const place = { driver: s3Driver, uri: `s3://${server.bucket}`, options, profile: PROFILE };
    figures.push(...(await compare(bench, { ...place, name: 'versitygw' }, 200)));
  }
  console.table(figures);
  return figures;
}

async function compare({ cluster, client }: MountBench, place: Place, count: number) {
  await using storage = await openPlace(place);
  const path = `/${place.name}-changes`;
  const { uri, options, profile } = place;
  await client.mount(path, uri, { options, profile });
  await client.sync(path);
  const unmounted = `/unmounted-${place.name}`;
  await client.mkdir(unmounted);
  const ours = throughTree(client, path);
  const tree = ofTree(client, unmounted);
  const alone = ofStorage(storage);
  const figures = [];
  for (const outstanding of OUTSTANDING) {
    for (const step of STEPS) {
      const own = await timed(outstanding, count, (n) => alone[step](`alone-${outstanding}-${n}`));
      const plain = await timed(outstanding, count, (n) => tree[step](`${outstanding}-${n}`));
      let through = own;
      const { processorMs } = await cluster.measure(async () => {
        through = await timed(outstanding, count, (n) => ours[step](`ours-${outstanding}-${n}`));
      });
      figures.push({
        storage: place.name,
        change: step === 'write' ? 'create, write, complete' : step,
        outstanding,
        'alone/s': own.perSecond,
        'unmounted/s': plain.perSecond,
        'ours/s': through.perSecond,
        'ratio of time': rounded(own.perSecond / through.perSecond),
        'alone p50 ms': own.p50Ms,
        'unmounted p50 ms': plain.p50Ms,
        'ours p50 ms': through.p50Ms,
        'leader processor ms each': rounded(processorMs / count),
      });
    }
  }
  await client.unmount(path);
  return figures;
}

function throughTree(client: NamespaceClient, root: string): Changes {
  return {
    mkdir: (n) => client.mkdir(`${root}/d${n}`),
    async write(n) {
      const path = `${root}/f${n}`;
      await client.create(path);
      await send(await client.location(path, 'write'));
      await client.complete(path, { size: CONTENT.length });
    },
    rename: (n) => client.rename(`${root}/f${n}`, `${root}/r${n}`),
    delete: (n) => client.delete(`${root}/r${n}`),
  };
}

/** What is in no mount. */
function ofTree(client: NamespaceClient, root: string): Changes {
  return { ...throughTree(client, root), write: (n) => client.create(`${root}/f${n}`) };
}

function ofStorage(storage: Storage): Changes {
  // Each call with its own: they listen to it.
  const signal = () => new AbortController().signal;
  const { files: renamesFiles } = storage.abilities.renames;
  return {
    mkdir: (n) => storage.makeDirectory(`d${n}`, signal()),
    async write(n) {
      await send(await storage.location(`f${n}`, 'write', signal()));
    },
    async rename(n) {
      if (renamesFiles) return storage.rename(`f${n}`, `r${n}`, signal());
      await storage.copy(`f${n}`, `r${n}`, {}, signal());
      await storage.removeCopied(`f${n}`, `r${n}`, {}, signal());
    },
    delete: (n) => storage.remove(`r${n}`, { recursive: false }, signal()),
  };
}

/** Where content goes, as told by a storage or by us. */
interface Target {
  readonly kind: string;
  readonly location: string;
  readonly method?: string | undefined;
}

async function send({ kind, location, method = 'PUT' }: Target): Promise<void> {
  if (kind === 'path') return writeFile(location, CONTENT);
  const answer = await fetch(location, { method, body: CONTENT });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${method}: ${answer.status}`);
}

async function timed(
  outstanding: number,
  count: number,
  operation: (n: number) => Promise<unknown>,
) {
  const latencies: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const from = performance.now();
      await operation(next++);
      latencies.push(performance.now() - from);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: outstanding }, worker));
  const perSecond = Math.round((count / (performance.now() - from)) * 1000);
  return { perSecond, p50Ms: rounded(middle(latencies)) };
}
