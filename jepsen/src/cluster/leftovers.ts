import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { JepsenError } from '../errors.js';
import { hostCommandProblem } from './host-command.js';
import { CLUSTER_VARIABLE } from './member-process.js';
import { bootId, processesWith, processStatus, sendSignal } from './process-table.js';

const GONE_POLL_MS = 10;
let clusters = 0;

/** Of what a cluster puts into the machine beyond its processes. */
export type MachinePart = 'namespaces' | 'links' | 'mounts' | 'directories';

interface Owner {
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
}

type Parts = Readonly<Record<MachinePart, readonly string[]>>;

interface RecordedCluster {
  readonly format: 1;
  readonly owner: Owner;
  readonly parts: Parts;
}

const NO_PARTS: Parts = { namespaces: [], links: [], mounts: [], directories: [] };

/**
 * What a cluster has put into the machine, on record before it is put there: whatever ends this program, a later
 * one finds it and takes it away.
 */
export class MachineRecord {
  /** Names the cluster among all of this machine: its processes carry it. */
  readonly cluster: string;
  readonly #file: string;
  readonly #owner: Owner;
  #parts: Parts = NO_PARTS;

  constructor(directory: string = recordDirectory()) {
    const startTicks = processStatus(process.pid)?.startTicks;
    if (startTicks === undefined) {
      throw new JepsenError('CLUSTER_FAILED', 'clusters need Linux and its /proc');
    }
    this.#owner = { pid: process.pid, startTicks, bootId: bootId() };
    this.cluster = `${process.pid}-${startTicks}-${++clusters}`;
    this.#file = join(directory, `${this.cluster}.json`);
    this.#write();
  }

  /** To be called before it is there. */
  add(part: MachinePart, name: string): void {
    this.#parts = { ...this.#parts, [part]: [...this.#parts[part], name] };
    this.#write();
  }

  /** To be called once it is gone. */
  remove(part: MachinePart, name: string): void {
    this.#parts = { ...this.#parts, [part]: this.#parts[part].filter((other) => other !== name) };
    this.#write();
  }

  /** Once nothing is left of the cluster. */
  delete(): void {
    rmSync(this.#file, { force: true });
  }

  #write(): void {
    const record: RecordedCluster = { format: 1, owner: this.#owner, parts: this.#parts };
    writeFileSync(`${this.#file}.part`, `${JSON.stringify(record)}\n`);
    renameSync(`${this.#file}.part`, this.#file);
  }
}

/** Where this user's records lie. As it says what to unmount and kill, nobody else may write there. */
function recordDirectory(): string {
  const { uid } = userInfo();
  const directory = join(tmpdir(), `jepsen-clusters-${uid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const status = lstatSync(directory);
  if (!status.isDirectory() || status.uid !== uid || (status.mode & 0o022) !== 0) {
    throw new JepsenError('CLUSTER_FAILED', `${directory} can be written by others: remove it`);
  }
  return directory;
}

/** Takes away what clusters of dead programs left: says what, a line each. */
export async function clearLeftovers(
  directory: string = recordDirectory(),
): Promise<readonly string[]> {
  const cleared: string[] = [];
  for (const name of readdirSync(directory)) {
    if (!name.endsWith('.json')) continue;
    const file = join(directory, name);
    const record = readRecord(file);
    if (record === undefined || isAlive(record.owner)) continue;
    const { lines, isClear } = await clear(name.slice(0, -'.json'.length), record);
    cleared.push(...lines);
    if (isClear) rmSync(file, { force: true });
  }
  return cleared;
}

/** Undefined where it is gone, or no record: a tool that starts at the same time may have cleared it. */
function readRecord(file: string): RecordedCluster | undefined {
  try {
    const record: RecordedCluster = JSON.parse(readFileSync(file, 'utf8'));
    return record.format === 1 ? record : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner): boolean {
  return owner.bootId === bootId() && processStatus(owner.pid)?.startTicks === owner.startTicks;
}

async function clear(
  cluster: string,
  { owner, parts }: RecordedCluster,
): Promise<{ readonly lines: readonly string[]; readonly isClear: boolean }> {
  const lines: string[] = [];
  let isClear = true;
  if (owner.bootId === bootId()) {
    const killed = await killAll(cluster);
    if (killed > 0) lines.push(`${killed} processes of cluster ${cluster}, whose tool is dead`);
    for (const part of CLEARED_PARTS) {
      for (const name of parts[part].filter(PARTS[part].isThere)) {
        const problem = await removalProblem(part, name);
        if (problem !== undefined) isClear = false;
        lines.push(problem === undefined ? name : `${name} is left: ${problem}`);
      }
    }
  }
  for (const directory of isClear ? parts.directories : []) {
    rmSync(directory, { recursive: true, force: true });
  }
  return { lines, isClear };
}

/** Takes it away where it is there, and off the record. Rejects with CLUSTER_FAILED where it can't. */
export async function removePart(
  record: MachineRecord,
  part: RemovablePart,
  name: string,
): Promise<void> {
  const problem = PARTS[part].isThere(name) ? await removalProblem(part, name) : undefined;
  if (problem !== undefined) throw new JepsenError('CLUSTER_FAILED', problem);
  record.remove(part, name);
}

/** Why it is still there; undefined: it is gone. */
async function removalProblem(part: RemovablePart, name: string): Promise<string | undefined> {
  const [file = '', ...args] = PARTS[part].removal(name);
  const problem = await hostCommandProblem(file, ...args);
  return problem !== undefined && PARTS[part].isThere(name) ? problem : undefined;
}

type RemovablePart = Exclude<MachinePart, 'directories'>;

/** In the order in which they let go of each other. */
const CLEARED_PARTS = ['mounts', 'namespaces', 'links'] as const;

interface PartKind {
  isThere(name: string): boolean;
  removal(name: string): readonly string[];
}

const PARTS: Readonly<Record<RemovablePart, PartKind>> = {
  mounts: { isThere: isMounted, removal: (name) => ['umount', '--lazy', name] },
  namespaces: {
    isThere: (name) => existsSync(`/run/netns/${name}`),
    removal: (name) => ['ip', 'netns', 'delete', name],
  },
  links: {
    isThere: (name) => existsSync(`/sys/class/net/${name}`),
    removal: (name) => ['ip', 'link', 'delete', name],
  },
};

/** Whether a file system is mounted at this path. */
export function isMounted(path: string): boolean {
  // As the kernel writes what would end a field.
  const written = path.replace(
    /[\\ \t\n]/g,
    (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[1] === written);
}

/** Ends all processes of a cluster, and says how many there were. */
export async function killAll(cluster: string): Promise<number> {
  const killed = new Set<number>();
  for (;;) {
    const left = processesWith(CLUSTER_VARIABLE, cluster);
    if (left.length === 0) return killed.size;
    for (const pid of left) {
      killed.add(pid);
      sendSignal(pid, 'SIGKILL');
    }
    await pause(GONE_POLL_MS);
  }
}
