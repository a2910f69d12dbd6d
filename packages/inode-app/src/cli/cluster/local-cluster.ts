import type { ClusterLayout } from './cluster-layout.js';
import { endText, MemberProcess } from './member-process.js';
import { startFailure } from './start-failure.js';

/** The masters of a cluster as processes of this machine. */
export class LocalCluster {
  /** Resolves when no member that was started here runs any more. */
  readonly allEnded: Promise<void>;
  readonly #layout: ClusterLayout;
  readonly #say: (line: string) => void;
  readonly #members: readonly MemberProcess[];
  #serving = false;
  #relays = false;
  #stopping: Promise<void> | undefined;

  private constructor(layout: ClusterLayout, say: (line: string) => void) {
    this.#layout = layout;
    this.#say = say;
    this.#members = layout.members.map(
      ({ id }) =>
        new MemberProcess(id, layout.masterArguments(id), (line) => {
          if (this.#relays) say(line);
        }),
    );
    this.allEnded = Promise.all(this.#members.map((member) => member.ended)).then(() => {});
    for (const member of this.#members) void this.#watch(member);
  }

  /**
   * Starts every member. Rejects with what keeps one from serving, after the others were stopped.
   */
  static async start(layout: ClusterLayout, say: (line: string) => void): Promise<LocalCluster> {
    const cluster = new LocalCluster(layout, say);
    await Promise.all(cluster.#members.map((member) => cluster.#started(member)));
    cluster.#serving = true;
    return cluster;
  }

  /** From now on shows what members say; how they started is of no interest to people. */
  relayLogs(): void {
    this.#relays = true;
  }

  /** Stops every member that runs, in order, and waits for them. */
  stop(): Promise<void> {
    this.#stopping ??= Promise.all(this.#members.map((member) => member.stop())).then(() => {});
    return this.#stopping;
  }

  /** Ends every member at once: nothing that was acknowledged is lost by that. */
  kill(): void {
    for (const member of this.#members) member.kill();
  }

  async #started(member: MemberProcess): Promise<void> {
    try {
      await member.serving;
    } catch (error) {
      const { path } = this.#layout.directory;
      await this.stop();
      throw startFailure(error, member.id, path);
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
