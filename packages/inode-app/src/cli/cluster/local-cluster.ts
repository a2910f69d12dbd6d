import { InodeAppError } from '../../errors.js';
import type { ClusterLayout } from './cluster-layout.js';
import { endText, MemberProcess } from './member-process.js';
import { startFailure } from './start-failure.js';

/** Masters of a cluster as processes of this machine; they start when this is made. */
export class LocalCluster {
  readonly #layout: ClusterLayout;
  readonly #say: (line: string) => void;
  readonly #members: readonly MemberProcess[];
  #serving = false;
  #relays = false;
  #stopping: Promise<boolean> | undefined;

  constructor(layout: ClusterLayout, say: (line: string) => void) {
    this.#layout = layout;
    this.#say = say;
    this.#members = layout.members.map(
      ({ id }) =>
        new MemberProcess(id, layout.masterArguments(id), layout.memoryBytes, (line) => {
          if (this.#relays) say(line);
        }),
    );
    for (const member of this.#members) void this.#watch(member);
  }

  /** Resolves when every member serves; rejects with what keeps one from it, in one line. */
  async serving(): Promise<void> {
    await Promise.all(this.#members.map((member) => this.#started(member)));
    this.#serving = true;
  }

  /** Resolves after `stop`; rejects when no member that was started here runs any more. */
  async run(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.ended));
    if (this.#stopping !== undefined) return;
    throw new InodeAppError('MEMBER_FAILED', 'no member runs any more');
  }

  /** From now on shows what members say; how they started is of no interest to people. */
  relayLogs(): void {
    this.#relays = true;
  }

  /** Stops every member that runs, and waits for them; false when one had to be killed. */
  stop(): Promise<boolean> {
    this.#stopping ??= Promise.all(this.#members.map((member) => this.#stopMember(member))).then(
      (stopped) => !stopped.includes(false),
    );
    return this.#stopping;
  }

  /** Ends every member at once: nothing that was acknowledged is lost by that. */
  kill(): void {
    for (const member of this.#members) member.kill();
  }

  async #stopMember(member: MemberProcess): Promise<boolean> {
    const stopped = await member.stop();
    if (!stopped) this.#say(`Member ${member.id} did not stop when told to, and was killed.`);
    return stopped;
  }

  async #started(member: MemberProcess): Promise<void> {
    try {
      await member.serving;
    } catch (error) {
      throw startFailure(error, member.id, this.#layout.directory.path);
    }
  }

  /** Says when a member ends that nobody told to. */
  async #watch(member: MemberProcess): Promise<void> {
    const end = await member.ended;
    if (!this.#serving || this.#stopping !== undefined) return;
    const reason = member.failure === undefined ? '' : ` (${member.failure.message})`;
    this.#say(
      `Member ${member.id} ${endText(end)}${reason}. Start it again with: ` +
        this.#layout.masterCommand(member.id),
    );
  }
}
