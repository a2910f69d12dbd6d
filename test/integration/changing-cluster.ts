import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freeAddresses } from '@raft-ts/net/testing';
import { readClusterStatus } from 'inode-app';
import { type CommandResult, runCommand, SpawnedMember, startCommand } from './running-cluster.js';

/** Long enough for whatever else this machine does meanwhile, seconds. */
const PATIENCE = '600';
/** Before the lead is offered again to whom it was refused, milliseconds. */
const REFUSED_MS = 500;
/** For the members to say how they are, and between two looks, milliseconds. */
const STATUS_MS = 2_000;
const LOOK_MS = 100;

/** Masters that come and go, each a process; the first one founds the cluster. */
export class ChangingCluster implements AsyncDisposable {
  readonly #directory: string;
  readonly #options: readonly string[];
  readonly #processes = new Map<number, ReturnType<typeof startCommand>>();
  readonly #members = new Map<number, SpawnedMember>();
  /** For members, for clients, over HTTP. */
  readonly at = new Map<number, readonly [string, string, string]>();

  /** `options`: what every member is started with besides. */
  constructor(directory: string, options: readonly string[] = []) {
    this.#directory = directory;
    this.#options = options;
  }

  /** The member's addresses as commands take them. */
  addresses(id: number): string {
    return (this.at.get(id) ?? []).join('/');
  }

  get clientAddresses(): readonly string[] {
    return [...this.at.values()].map(([, client]) => client);
  }

  async found(id: number): Promise<void> {
    await this.#move(id);
    await this.start(id, '--members', `${id}=${this.addresses(id)}`);
  }

  /** Starts a member with nothing. */
  async join(id: number, ...more: readonly string[]): Promise<void> {
    await this.#move(id);
    await this.startAgain(id, ...more);
  }

  /** Starts a member that has data again, at other addresses. */
  async startElsewhere(id: number): Promise<void> {
    await this.#move(id);
    await this.start(id, '--advertise', this.addresses(id));
  }

  async start(id: number, ...more: readonly string[]): Promise<void> {
    const identity = ['--id', `${id}`, '--cluster-id', 'changing', '--data', this.data(id)];
    const options = [...this.#options, '--stop-with-stdin', ...more];
    const child = startCommand(['master', ...identity, ...options]);
    const member = new SpawnedMember(child);
    this.#processes.set(id, child);
    this.#members.set(id, member);
    if (!(await member.serving)) throw new Error(`member ${id} did not start: ${member.errors}`);
  }

  /** Starts a member again whose data has gone. */
  async rejoin(id: number, ...more: readonly string[]): Promise<void> {
    await rm(this.data(id), { recursive: true });
    await this.startAgain(id, '--rejoin', ...more);
  }

  /** Starts a member again, with what it has. */
  async startAgain(id: number, ...more: readonly string[]): Promise<void> {
    const others = [...this.at].filter(([other]) => other !== id).map(([, [, client]]) => client);
    await this.start(id, '--join', others.join(','), '--advertise', this.addresses(id), ...more);
  }

  /** Resolves once a member that was wiped counts again: until then it can be lost no more than a silent one. */
  async recovered(id: number): Promise<void> {
    for (;;) {
      const { members } = await readClusterStatus(this.clientAddresses, STATUS_MS);
      if (members.some((member) => member.id === id && member.recovering === false)) return;
      await pause(LOOK_MS);
    }
  }

  /** Where a member's data lies. */
  data(id: number): string {
    return join(this.#directory, `member-${id}`);
  }

  /** What a member has said on standard error since it was started last. */
  said(id: number): string {
    return this.#members.get(id)?.errors ?? '';
  }

  /** Ends a member at once. */
  async kill(id: number): Promise<void> {
    this.#processes.get(id)?.kill('SIGKILL');
    await this.#members.get(id)?.ended;
  }

  async stop(id: number): Promise<void> {
    this.#processes.get(id)?.kill('SIGTERM');
    await this.#members.get(id)?.ended;
  }

  /** Stops a member that takes part no more, and forgets it. */
  async dismiss(id: number): Promise<void> {
    await this.stop(id);
    this.at.delete(id);
    await rm(this.data(id), { recursive: true });
  }

  members(...words: readonly string[]): Promise<CommandResult> {
    return this.run('members', ...words, '--json');
  }

  /** A command against this cluster. */
  run(...words: readonly string[]): Promise<CommandResult> {
    const where = ['--addresses', this.clientAddresses.join(','), '--timeout', PATIENCE];
    return runCommand([...words, ...where]);
  }

  /** Changes who takes part; who votes then. */
  async change(...words: readonly string[]): Promise<readonly number[]> {
    const { code, stdout, stderr } = await this.members(...words);
    if (code !== 0) throw new Error(`members ${words.join(' ')}: ${stderr}`);
    return votersOf(stdout);
  }

  /** Hands the lead to a voter once it is up to date; who votes then. */
  async transfer(id: number): Promise<readonly number[]> {
    for (;;) {
      const { code, stdout, stderr } = await this.members('transfer', `${id}`);
      if (code === 0) return votersOf(stdout);
      // It may have been wiped a moment ago, and fetch a state.
      if (!stderr.includes('MEMBER_NOT_CAUGHT_UP')) throw new Error(`transfer to ${id}: ${stderr}`);
      await pause(REFUSED_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes.values()) child.kill('SIGKILL');
    await Promise.all([...this.#members.values()].map((member) => member.ended));
  }

  async #move(id: number): Promise<void> {
    const [member = '', client = '', http = ''] = await freeAddresses(3);
    this.at.set(id, [member, client, http]);
  }
}

function votersOf(printed: string): readonly number[] {
  const { members } = JSON.parse(printed) as { members: { id: number; role: string }[] };
  return members.filter(({ role }) => role === 'voter').map(({ id }) => id);
}
