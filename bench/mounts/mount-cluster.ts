import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { MemberAddresses } from 'inode-app';
import type { MemberAnswer, MemberQuestion, MemberStart, MemberUsage } from './member-messages.js';

const PROGRAM = fileURLToPath(new URL('../mount-member.js', import.meta.url));
/** As `inode-app cluster` starts members. */
const NODE_OPTIONS = ['--max-old-space-size=256', '--max-semi-space-size=32'];
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };
const POLL_MS = 200;

/** Members in processes of their own, which tell what they use. Their data is in a directory of the caller's. */
export class MountCluster implements AsyncDisposable {
  readonly addresses: readonly string[];
  /** Rejects when a member ends before it is disposed of. */
  readonly lost: Promise<never>;
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[], addresses: readonly MemberAddresses[]) {
    this.#members = members;
    this.addresses = addresses.map(({ clientAddress }) => clientAddress);
    this.lost = Promise.race(members.map((each) => each.ended)).then(() => {
      throw new Error('a member has ended');
    });
    this.lost.catch(() => {});
  }

  static async start(
    directory: string,
    profiles: string,
    options: {
      readonly members: number;
      readonly firstPort: number;
      readonly node: readonly string[];
    },
  ): Promise<MountCluster> {
    const { firstPort, node } = options;
    const members = Array.from({ length: options.members }, (_, at) => ({
      id: at + 1,
      memberAddress: `127.0.0.1:${firstPort + 3 * at}`,
      clientAddress: `127.0.0.1:${firstPort + 3 * at + 1}`,
      httpAddress: `127.0.0.1:${firstPort + 3 * at + 2}`,
    }));
    const started: Member[] = [];
    for (const { id } of members) {
      const own = join(directory, `member-${id}`);
      await mkdir(own);
      started.push(new Member({ id, directory: own, members, profiles }, node));
    }
    const cluster = new MountCluster(started, members);
    try {
      await Promise.race([Promise.all(started.map((each) => each.serving)), cluster.lost]);
      await Promise.race([cluster.usage(), cluster.lost]);
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** Of the member that leads; waits until one does. */
  async usage(question: MemberQuestion = 'usage'): Promise<MemberUsage & { readonly id: number }> {
    for (;;) {
      for (const member of this.#members) {
        const usage = await member.ask(question);
        if (usage.leads) return { ...usage, id: member.id };
      }
      await sleep(POLL_MS);
    }
  }

  /** All of them, whoever leads. */
  async tellAll(question: MemberQuestion): Promise<void> {
    for (const member of this.#members) await member.ask(question);
  }

  /** Milliseconds that something takes, and of the leader's processor. Rejects where the lead changes meanwhile. */
  async measure(step: () => Promise<void>): Promise<{ ms: number; processorMs: number }> {
    const before = await this.usage();
    const from = performance.now();
    await step();
    const ms = performance.now() - from;
    const after = await this.usage();
    if (after.id !== before.id) throw new Error('the lead changed while something was measured');
    return { ms, processorMs: (after.processorMicros - before.processorMicros) / 1000 };
  }

  /** Waits until the log has not grown for so long. */
  async quiet(forMs: number): Promise<void> {
    let { commit } = await this.usage();
    let sinceMs = performance.now();
    while (performance.now() - sinceMs < forMs) {
      await sleep(POLL_MS);
      const now = await this.usage();
      if (now.commit !== commit) sinceMs = performance.now();
      commit = now.commit;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map((each) => each.end()));
  }
}

class Member {
  readonly id: number;
  readonly serving: Promise<unknown>;
  readonly ended: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (usage: MemberUsage) => void>();
  #next = 1;

  constructor(start: MemberStart, node: readonly string[]) {
    this.id = start.id;
    this.#child = fork(PROGRAM, [JSON.stringify(start)], {
      execArgv: [...NODE_OPTIONS, ...node],
      env: { ...ENVIRONMENT, ...process.env },
    });
    this.serving = once(this.#child, 'message');
    this.serving.catch(() => {});
    this.ended = once(this.#child, 'exit');
    this.#child.on('message', (message: MemberAnswer | 'serving') => {
      if (message === 'serving') return;
      this.#answers.get(message.number)?.(message.usage);
      this.#answers.delete(message.number);
    });
  }

  ask(question: MemberQuestion): Promise<MemberUsage> {
    const number = this.#next;
    this.#next += 1;
    return new Promise((resolve) => {
      this.#answers.set(number, resolve);
      this.#child.send({ number, question });
    });
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.ended;
  }
}
