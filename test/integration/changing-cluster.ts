import { join } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { type CommandResult, runCommand, SpawnedMember, startCommand } from './running-cluster.js';

/** Long enough for whatever else this machine does meanwhile, seconds. */
const PATIENCE = '600';

/** Masters that come and go, each a process; the first one founds the cluster. */
export class ChangingCluster implements AsyncDisposable {
  readonly #directory: string;
  readonly #processes = new Map<number, ReturnType<typeof startCommand>>();
  readonly #members = new Map<number, SpawnedMember>();
  /** For members, for clients. */
  readonly at = new Map<number, readonly [string, string]>();

  constructor(directory: string) {
    this.#directory = directory;
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
  async join(id: number): Promise<void> {
    const known = this.clientAddresses.join(',');
    await this.#move(id);
    await this.start(id, '--join', known, '--advertise', this.addresses(id));
  }

  /** Starts a member that has data again, at other addresses. */
  async startElsewhere(id: number): Promise<void> {
    await this.#move(id);
    await this.start(id, '--advertise', this.addresses(id));
  }

  async start(id: number, ...more: readonly string[]): Promise<void> {
    const data = join(this.#directory, `member-${id}`);
    const identity = ['--id', `${id}`, '--cluster-id', 'changing', '--data', data];
    const child = startCommand(['master', ...identity, '--stop-with-stdin', ...more]);
    const member = new SpawnedMember(child);
    this.#processes.set(id, child);
    this.#members.set(id, member);
    if (!(await member.serving)) throw new Error(`member ${id} did not start: ${member.errors}`);
  }

  async stop(id: number): Promise<void> {
    this.#processes.get(id)?.kill('SIGTERM');
    await this.#members.get(id)?.ended;
  }

  members(...words: readonly string[]): Promise<CommandResult> {
    const where = ['--addresses', this.clientAddresses.join(','), '--timeout', PATIENCE];
    return runCommand(['members', ...words, ...where, '--json']);
  }

  /** Changes who takes part; who votes then. */
  async change(...words: readonly string[]): Promise<readonly number[]> {
    const { code, stdout, stderr } = await this.members(...words);
    if (code !== 0) throw new Error(`members ${words.join(' ')}: ${stderr}`);
    const { members } = JSON.parse(stdout) as { members: { id: number; role: string }[] };
    return members.filter(({ role }) => role === 'voter').map(({ id }) => id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes.values()) child.kill('SIGKILL');
    await Promise.all([...this.#members.values()].map((member) => member.ended));
  }

  async #move(id: number): Promise<void> {
    const [member = '', client = ''] = await freeAddresses(2);
    this.at.set(id, [member, client]);
  }
}
