import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { failCalls, SYNCS, tracerUnavailable, WRITES } from './failing-calls.js';
import { faketimeEnvironment, faketimeSetting, findFaketime } from './faketime.js';
import { createMemoryGroup, memoryGroupsUnavailable } from './memory-group.js';

/**
 * What one does and the others do not: writes and syncs a file in a thread of its pool, once for each line, then tells how
 * it went, how long it took by a clock that is never faked, and what its wall clock shows.
 */
const PROGRAM = `
const fs = require('node:fs');
const file = fs.openSync(process.argv[1], 'a');
require('node:readline').createInterface({ input: process.stdin }).on('line', (what) => {
  const before = process.hrtime.bigint();
  const tell = (error) => console.log(JSON.stringify({
    code: error ? error.code : 'done',
    waitedMs: Number((process.hrtime.bigint() - before) / 1000000n),
    wallMs: Date.now(),
    monotonicMs: Number(process.hrtime.bigint() / 1000000n),
  }));
  if (what === 'write') fs.write(file, 'x', tell);
  else if (what === 'fsync') fs.fsync(file, tell);
  else if (what === 'grow') { globalThis.taken = Buffer.alloc(256 * 1048576, 1); tell(); }
  else tell();
});
console.log('ready');
`;

interface Told {
  readonly code: string;
  readonly waitedMs: number;
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** One process, which is asked a line and answers one. */
class Asked implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  private constructor(started: ChildProcess, lines: Interface) {
    this.process = started;
    this.#lines = lines;
    this.#answers = lines[Symbol.asyncIterator]();
  }

  static async start(file: string, environment: Readonly<Record<string, string>> = {}) {
    const started = spawn(process.execPath, ['-e', PROGRAM, file], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    const asked = new Asked(started, createInterface({ input: started.stdout }));
    await asked.#answers.next();
    return asked;
  }

  get id(): number {
    return this.process.pid ?? 0;
  }

  async ask(what: string): Promise<Told> {
    this.process.stdin?.write(`${what}\n`);
    const { value } = await this.#answers.next();
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lines.close();
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, 'exit');
      this.process.kill('SIGKILL');
      await ended;
    }
  }
}

/** A test of what this machine may not have: it says what is missing. */
function itWith(missing: string | undefined, name: string, test: () => Promise<void>): void {
  it(name, async () => {
    if (missing === undefined) await test();
    else console.log(missing);
  });
}

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jepsen-processes-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** Faults are of files that are there already. */
async function askedWithFile(): Promise<Asked> {
  const log = join(directory, 'log');
  await writeFile(log, '');
  return Asked.start(log);
}

function suffering({ id }: Asked, calls: readonly string[], injection = 'error=EIO') {
  return failCalls(id, directory, { calls, injection, every: 1 });
}

const noTracer = await tracerUnavailable();

itWith(noTracer, 'has fsync fail in threads of a running process', async () => {
  await using asked = await askedWithFile();
  const failing = await suffering(asked, SYNCS);
  expect((await asked.ask('fsync')).code).toBe('EIO');
  expect((await asked.ask('write')).code).toBe('done');
  await failing.release();
  expect((await asked.ask('fsync')).code).toBe('done');
});

itWith(noTracer, 'has writes to files fail, and none to pipes', async () => {
  await using asked = await askedWithFile();
  const failing = await suffering(asked, WRITES);
  expect((await asked.ask('write')).code).toBe('EIO');
  await failing.release();
  await failing.release();
  expect((await asked.ask('write')).code).toBe('done');
  expect(await readFile(join(directory, 'log'), 'utf8')).toBe('x');
});

itWith(noTracer, 'has an fsync take long', async () => {
  await using asked = await askedWithFile();
  const slow = await suffering(asked, SYNCS, 'delay_exit=300000');
  expect((await asked.ask('fsync')).waitedMs).toBeGreaterThanOrEqual(300);
  await slow.release();
});

itWith(noTracer, 'lets a process end that it traces', async () => {
  await using asked = await askedWithFile();
  const failing = await suffering(asked, SYNCS);
  const ended = once(asked.process, 'exit');
  asked.process.kill('SIGKILL');
  await ended;
  await failing.release();
});

const faketime = await findFaketime();

const noFaketime = faketime === undefined ? 'libfaketime is not installed' : undefined;

itWith(noFaketime, 'sets the wall clock of a process, and not its monotonic one', async () => {
  const clock = join(directory, 'clock');
  await writeFile(clock, faketimeSetting(0));
  const environment = faketimeEnvironment(faketime ?? '', clock, false);
  await using asked = await Asked.start(join(directory, 'log'), environment);
  const before = await asked.ask('look');
  await writeFile(clock, faketimeSetting(-3_600_000));
  const after = await asked.ask('look');
  expect(after.wallMs).toBeLessThan(before.wallMs - 1_800_000);
  expect(Math.abs(after.monotonicMs - before.monotonicMs)).toBeLessThan(1_800_000);
  await writeFile(clock, faketimeSetting(0));
  expect((await asked.ask('look')).wallMs).toBeGreaterThanOrEqual(before.wallMs);
});

const noGroups = await memoryGroupsUnavailable();

itWith(noGroups, 'ends a process that takes more memory than it may', async () => {
  await using asked = await Asked.start(join(directory, 'log'));
  const group = await createMemoryGroup(asked.id, 32 * 1_048_576);
  const ended = once(asked.process, 'exit');
  asked.process.stdin?.write('grow\n');
  const [, signal] = await ended;
  expect(signal).toBe('SIGKILL');
  await group.release();
});

itWith(noGroups, 'leaves no group behind, and the process alone', async () => {
  await using asked = await Asked.start(join(directory, 'log'));
  const groupsNow = async () =>
    (await readdir('/sys/fs/cgroup/memory').catch(() => readdir('/sys/fs/cgroup'))).filter((name) =>
      name.startsWith(`jepsen-memory-${process.pid}-`),
    );
  const group = await createMemoryGroup(asked.id, 32 * 1_048_576);
  expect(await groupsNow()).toHaveLength(1);
  await group.release();
  expect(await groupsNow()).toEqual([]);
  expect((await asked.ask('grow')).code).toBe('done');
});
