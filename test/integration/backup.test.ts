import { spawn } from 'node:child_process';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { NamespaceClient } from 'inode-app';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChangingCluster } from './changing-cluster.js';
import { treeOf } from './one-member-tree.js';
import {
  type CommandResult,
  PROGRAM,
  runCommand,
  SpawnedMember,
  startCommand,
} from './running-cluster.js';

const PATIENT_MS = 600_000;
const PATIENCE = `${PATIENT_MS / 1000}`;
const IDS = [1, 2, 3];

let directory: string;
let cluster: ChangingCluster;
/** What a client was told before a backup began. */
let before: readonly string[];
const path = (...names: readonly string[]) => join(directory, ...names);

/** A command that is to succeed; what it prints. */
async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runCommand([...args, '--json']);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const where = () => ['--addresses', cluster.clientAddresses.join(','), '--timeout', PATIENCE];

/** Makes files until `enough`, some deleted again; those that were acknowledged and stay. */
async function load(made: string[], enough: AbortSignal): Promise<void> {
  await using client = new NamespaceClient({
    addresses: cluster.clientAddresses,
    timeoutMs: PATIENT_MS,
  });
  for (let at = 0; !enough.aborted; at += 1) {
    await client.mkdir(`/d${at}`);
    const names = Array.from({ length: 20 }, (_, of) => `/d${at}/f${of}`);
    await Promise.all(names.map((name) => client.create(name)));
    if (at % 3 === 0) await client.delete(`/d${at}`, { recursive: true });
    else made.push(...names);
  }
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'backup-'));
  cluster = new ChangingCluster(path('data'));
  await cluster.found(1);
  for (const id of [2, 3]) {
    await cluster.join(id);
    await cluster.change('add', `${id}=${cluster.addresses(id)}`);
  }
  const made: string[] = [];
  const enough = new AbortController();
  const loading = load(made, enough.signal);
  while (made.length < 100) await new Promise((resolve) => setTimeout(resolve, 10));
  before = [...made];
  const backup = await json('backup', path('backup'), ...where());
  expect(backup).toMatchObject({ file: path('backup'), clusterId: 'changing' });
  enough.abort();
  await loading;
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** Founders of one cluster, restored and started. */
class Restored implements AsyncDisposable {
  readonly clients: readonly string[];
  readonly #name: string;
  readonly #members: string;
  readonly #ids: readonly number[];
  #children: ReturnType<typeof startCommand>[] = [];
  #spawned: SpawnedMember[] = [];

  private constructor(name: string, addresses: readonly string[], ids: readonly number[]) {
    this.#name = name;
    this.#ids = ids;
    this.clients = ids.map((_, at) => addresses[at * 3 + 1] ?? '');
    this.#members = ids
      .map((id, at) => `${id}=${addresses.slice(at * 3, at * 3 + 3).join('/')}`)
      .join(',');
  }

  static async make(name: string, ids: readonly number[]): Promise<Restored> {
    return new Restored(name, await freeAddresses(ids.length * 3), ids);
  }

  data(id: number): string {
    return path(`${this.#name}-${id}`);
  }

  restore(id: number, file = path('backup'), clusterId = 'restored'): Promise<CommandResult> {
    // As it may be typed; the command that it prints works in any directory.
    const data = relative(process.cwd(), this.data(id));
    const identity = ['--id', `${id}`, '--cluster-id', clusterId, '--data', data];
    return runCommand(['restore', file, ...identity, '--members', this.#members, '--json']);
  }

  async restoreAll(): Promise<void> {
    const clusterIds = new Set<unknown>();
    for (const id of this.#ids) {
      const { code, stdout, stderr } = await this.restore(id);
      if (code !== 0) throw new Error(stderr);
      const { start, clusterId } = JSON.parse(stdout) as { start: string[]; clusterId: string };
      clusterIds.add(clusterId);
      expect(start).toContain(this.data(id));
      const child = startCommand(start.slice(start.indexOf('master')));
      this.#children.push(child);
      this.#spawned.push(new SpawnedMember(child));
    }
    expect(clusterIds.size).toBe(1);
    for (const member of this.#spawned) {
      if (!(await member.serving)) throw new Error(`a founder did not start: ${member.errors}`);
    }
  }

  async stop(): Promise<void> {
    for (const child of this.#children) child.kill('SIGTERM');
    await Promise.all(this.#spawned.map((member) => member.ended));
    this.#children = [];
    this.#spawned = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#spawned.map((member) => member.ended));
  }
}

const treeText = (tree: ReadonlyMap<string, unknown>) => JSON.stringify([...tree].sort());

describe('a backup that was made while clients wrote', () => {
  it('is whole, sound, and leaves nothing beside it', async () => {
    const report = await json('inspect', path('backup'), '--verify');
    expect(report).toMatchObject({ kind: 'backup', clusterId: 'changing', verified: true });
    const checked = await json('fsck', path('backup'));
    expect(checked).toMatchObject({ problemCount: 0, appliedIndex: report.index });
    expect(readdirSync(directory).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('becomes clusters of one and of three, with equal and sound trees', async () => {
    const trees: string[] = [];
    for (const ids of [[5], IDS]) {
      await using restored = await Restored.make(`of-${ids.length}`, ids);
      await restored.restoreAll();
      await using client = new NamespaceClient({
        addresses: restored.clients,
        timeoutMs: PATIENT_MS,
      });
      const made = await client.mkdir('/after');
      expect(made).toBeGreaterThan(0);
      await client.delete('/after');
      const [first = ''] = restored.clients;
      const tree = await treeOf(first, PATIENT_MS);
      expect(before.filter((name) => !tree.has(name))).toEqual([]);
      const others = [...tree].map(([name]) => name);
      trees.push(others.sort().join('\n'));
      for (const other of restored.clients) {
        expect(treeText(await treeOf(other, PATIENT_MS))).toBe(treeText(tree));
      }
      await restored.stop();
      const digests = new Map<unknown, unknown>();
      for (const id of ids) {
        const { appliedIndex, digest, problemCount } = await json('fsck', restored.data(id));
        expect(problemCount).toBe(0);
        expect(digests.get(appliedIndex) ?? digest).toBe(digest);
        digests.set(appliedIndex, digest);
      }
    }
    expect(trees[0]).toBe(trees[1]);
  });
});

describe('a running member', () => {
  it('is checked, and gives a backup on standard output', async () => {
    for (const from of ['2', cluster.clientAddresses[2] ?? '']) {
      expect(await json('fsck', '--from', from, ...where())).toMatchObject({ problemCount: 0 });
    }
    const child = startCommand(['backup', '-', '--from', '1', ...where()]);
    const written: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => written.push(chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(0);
    writeFileSync(path('streamed'), Buffer.concat(written));
    expect(await json('inspect', path('streamed'), '--verify')).toMatchObject({ verified: true });
  });

  it('says so where its backup is not taken as a whole', async () => {
    const ended = async (child: ReturnType<typeof startCommand>) => {
      let errors = '';
      child.stderr?.on('data', (chunk) => {
        errors += String(chunk);
      });
      const code = await new Promise((resolve) => child.once('close', resolve));
      return [code, JSON.parse(errors).error];
    };
    const args = ['backup', '-', ...where(), '--json'];
    const unread = startCommand(args);
    unread.stdout?.destroy();
    expect(await ended(unread)).toEqual([1, 'FILE_UNUSABLE']);
    const full = openSync('/dev/full', 'w');
    const unwritten = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['pipe', full, 'pipe'],
    });
    closeSync(full);
    expect(await ended(unwritten)).toEqual([1, 'DISK_FULL']);
  });

  it('is not looked into, and not disturbed by who tries', async () => {
    const data = path('data', 'member-3');
    for (const command of ['inspect', 'fsck']) {
      const { code, stderr } = await runCommand([command, data]);
      expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
      expect(stderr).toContain('in use');
    }
    expect(await json('fsck', '--from', '3', ...where())).toMatchObject({ problemCount: 0 });
  });

  it('that was stopped is looked into', async () => {
    await cluster.stop(3);
    const data = path('data', 'member-3');
    const report = await json('inspect', data, '--verify');
    expect(report).toMatchObject({ kind: 'member', clusterId: 'changing', memberId: 3 });
    const { digest, rows } = await json('fsck', data);
    expect(report).toMatchObject({ verified: { digest, rows } });
    const { log } = report as { log: { firstIndex: number; lastIndex: number } };
    const last = `${log.lastIndex}`;
    const { stdout } = await runCommand(['inspect', data, '--entries', last, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ index: log.lastIndex });
    const beyond = ['--entries', `${log.lastIndex + 1}..${log.lastIndex + 9}`];
    const { code, stderr } = await runCommand(['inspect', data, ...beyond]);
    expect(code).toBe(2);
    expect(stderr).toContain(`holds entries ${log.firstIndex} to ${last}`);
  });

  it('that has snapshots of a cluster that is given up goes on alone', async () => {
    const data = path('alone');
    cpSync(path('data', 'member-3'), data, { recursive: true });
    expect(readdirSync(join(data, 'snapshots'))).not.toEqual([]);
    const order = ['--id', '3', '--cluster-id', 'changing', '--lost', '1,2', '--reason', 'test'];
    await json('recover', ...order, '--new-cluster-id', 'alone', '--data', data);
    const child = startCommand(['master', '--id', '3', '--cluster-id', 'alone', '--data', data]);
    const alone = new SpawnedMember(child);
    const serving = await alone.serving;
    child.kill('SIGKILL');
    await alone.ended;
    expect(serving, alone.errors).toBe(true);
  });
});

describe('what is wrong', () => {
  const refused = async (args: readonly string[], code: number, error: string) => {
    const result = await runCommand([...args, '--json']);
    expect([args[0], result.code, result.stderr.trim().split('\n').length]).toEqual([
      args[0],
      code,
      1,
    ]);
    expect(JSON.parse(result.stderr)).toMatchObject({ error });
  };

  it('with a backup is one error that names it, and nothing is left', async () => {
    const bytes = readFileSync(path('backup'));
    writeFileSync(path('cut'), bytes.subarray(0, bytes.byteLength - 10));
    writeFileSync(path('none'), 'no backup');
    await using restored = await Restored.make('wrong', [1]);
    for (const file of ['cut', 'none']) {
      await refused(['fsck', path(file)], 1, 'SNAPSHOT_DAMAGED');
      await refused(['inspect', path(file)], 1, 'SNAPSHOT_DAMAGED');
      const { code, stderr } = await restored.restore(1, path(file));
      expect([code, JSON.parse(stderr).error]).toEqual([1, 'SNAPSHOT_DAMAGED']);
      expect(readdirSync(directory)).not.toContain('wrong-1');
    }
    await refused(['fsck', path('missing')], 1, 'FILE_UNUSABLE');
    await refused(['backup', path('backup'), ...where()], 1, 'BACKUP_EXISTS');
    expect(readFileSync(path('backup')).equals(bytes)).toBe(true);
    await refused(['backup', path('no', 'directory'), ...where()], 1, 'FILE_UNUSABLE');
    await refused(['backup', path('other'), '--from', '9', ...where()], 2, 'ARGUMENT_INVALID');
  });

  it('with a directory or with founders is refused, and changes nothing', async () => {
    await using restored = await Restored.make('twice', [1]);
    const { code, stdout } = await restored.restore(1);
    expect(code).toBe(0);
    const { clusterId } = JSON.parse(stdout) as { clusterId: string };
    const again = await restored.restore(1);
    expect([again.code, JSON.parse(again.stderr).error]).toEqual([1, 'RESTORE_REFUSED']);
    await using others = await Restored.make('others', [1, 2]);
    const differing = await others.restore(1, path('backup'), clusterId);
    expect([differing.code, JSON.parse(differing.stderr).error]).toEqual([1, 'RESTORE_REFUSED']);
    const [member = '', client = ''] = await freeAddresses(2);
    const empty = ['--id', '1', '--cluster-id', clusterId, '--data', path('empty')];
    const founding = await runCommand(['master', ...empty, '--members', `1=${member}/${client}`]);
    expect(founding.code).toBe(2);
    expect(founding.stderr).toContain('restore');
    await refused(['inspect', directory], 2, 'ARGUMENT_INVALID');
  });
});
