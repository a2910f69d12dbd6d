import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { MemberEnd, Surroundings } from './cluster.js';
import type { ProcessCommand } from './database.js';
import type { MemberPlace } from './member.js';
import { processesWith, processStatus, sendSignal } from './process-table.js';

/** Every process of a cluster carries it, with the cluster's name: so those are found whose cluster is dead. */
export const CLUSTER_VARIABLE = 'JEPSEN_CLUSTER';
/** A member's own process and what it started carry it, those that wrap it don't. */
const MEMBER_VARIABLE = 'JEPSEN_MEMBER';
const GONE_POLL_MS = 5;

/** What a process is started as. */
export interface ProcessStart {
  readonly cluster: string;
  readonly place: MemberPlace;
  /** Of all starts of this member, from 1. */
  readonly start: number;
  readonly command: ProcessCommand;
  readonly surroundings: Surroundings;
  /** What runs a command at the member's place. */
  readonly enter: readonly string[];
}

/** One start of a member, to its end. */
export class MemberProcess {
  /** Once nothing is left of it. */
  readonly ended: Promise<MemberEnd>;
  /** Whether the cluster wants it ended. */
  asked = false;
  /** Whether it was asked in vain, and is killed. */
  isOverdue = false;
  readonly #child: ChildProcess;
  readonly #token: string;
  readonly #isWrapped: boolean;
  #own: number | undefined;
  #isPaused = false;

  constructor(from: ProcessStart) {
    this.#token = `${from.cluster}/${from.place.id}/${from.start}`;
    this.#isWrapped = from.surroundings.prefix.length > 0;
    const [file = '', ...args] = wholeCommand(from, this.#token);
    const log = openSync(from.place.logFile, 'a');
    try {
      this.#child = spawn(file, args, {
        // A group and a session of its own: what is typed at the terminal ends this tool, which ends the members.
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, [CLUSTER_VARIABLE]: from.cluster },
      });
    } finally {
      closeSync(log);
    }
    this.ended = this.#end(from);
  }

  /** The process that runs the database's command; undefined while what wraps it has not come to it. */
  get id(): number | undefined {
    if (!this.#isWrapped) return this.#child.pid;
    this.#own ??= topmost(processesWith(MEMBER_VARIABLE, this.#token));
    return this.#own;
  }

  /** All processes that the database's command is. */
  processes(): readonly number[] {
    const found = processesWith(MEMBER_VARIABLE, this.#token);
    const { pid } = this.#child;
    return found.length > 0 || this.#isWrapped || pid === undefined ? found : [pid];
  }

  pause(): void {
    this.#isPaused = true;
    for (const pid of this.processes()) sendSignal(pid, 'SIGSTOP');
  }

  resume(): void {
    this.#isPaused = false;
    for (const pid of this.processes()) sendSignal(pid, 'SIGCONT');
  }

  /** Asks it to end: itself where it has come so far, what wraps it otherwise. */
  terminate(): void {
    this.asked = true;
    const pid = this.id ?? this.#child.pid;
    if (pid !== undefined) sendSignal(pid, 'SIGTERM');
    if (this.#isPaused) this.resume();
  }

  /** Ends it and all that belongs to it. */
  kill(): void {
    this.asked = true;
    for (const pid of this.processes()) sendSignal(pid, 'SIGKILL');
    this.#killGroup();
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (pid !== undefined) sendSignal(-pid, 'SIGKILL');
  }

  async #end({ place, start }: ProcessStart): Promise<MemberEnd> {
    const [code, signal] = await exitOf(this.#child);
    const atMs = performance.now();
    const { asked, isOverdue } = this;
    // What it leaves behind would keep its ports and its locks.
    this.#killGroup();
    for (;;) {
      const left = processesWith(MEMBER_VARIABLE, this.#token);
      if (left.length === 0) break;
      for (const pid of left) sendSignal(pid, 'SIGKILL');
      await pause(GONE_POLL_MS);
    }
    return { id: place.id, start, code, signal, asked, isOverdue, atMs };
  }
}

/** As shells have it. */
const NOT_FOUND_CODE = 127;

function exitOf(child: ChildProcess): Promise<readonly [number | null, string | null]> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve([code, signal]));
    child.once('error', () => {
      if (child.pid === undefined) resolve([NOT_FOUND_CODE, null]);
    });
  });
}

function wholeCommand(from: ProcessStart, token: string): readonly string[] {
  const { command, enter, surroundings } = from;
  const { prefix, environment, openFiles } = surroundings;
  const variables = { ...command.environment, ...environment, [MEMBER_VARIABLE]: token };
  return [
    ...enter,
    ...prefix,
    // A limit of the shell's own is the hard one, too: the member can't raise it.
    ...(openFiles === undefined ? [] : ['sh', '-c', 'ulimit -n "$0" && exec "$@"', `${openFiles}`]),
    'env',
    ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    command.file,
    ...command.args,
  ];
}

/** The one that none of the others started. */
function topmost(pids: readonly number[]): number | undefined {
  return pids.find((pid) => {
    const status = processStatus(pid);
    return status !== undefined && !pids.includes(status.parent);
  });
}
