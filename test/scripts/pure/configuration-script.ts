import {
  allMembers,
  type Configuration,
  EMPTY_CONFIGURATION,
  enterJoint,
  InvalidChange,
  leaveJoint,
  type MemberChange,
  type MemberId,
  simpleChange,
} from 'raft-ts/core';
import { Arguments } from '../arguments.js';
import { describeConfiguration } from '../describe-configuration.js';
import { type Command, ScriptError } from '../directive.js';
import { parseChanges } from '../member-changes.js';

/**
 * Runs `simple`, `enter-joint` and `leave-joint`, one step on the way of a configuration each. Every
 * directive counts as one more entry in the log: `next` shows when a member was first told of.
 */
export class ConfigurationScript {
  static readonly commands = ['simple', 'enter-joint', 'leave-joint'];

  #configuration: Configuration = EMPTY_CONFIGURATION;
  /** The index behind which a member will first be probed. */
  #next: ReadonlyMap<MemberId, number> = new Map();
  #lastIndex = 0;

  run(command: Command): string {
    try {
      const changes = parseChanges(command.input);
      const changed = this.#step(command, changes);
      const next = this.#nextOf(changed, changes);
      this.#configuration = changed;
      this.#next = next;
      return this.#describe();
    } catch (error) {
      if (error instanceof InvalidChange) return `${error.message}\n`;
      throw error;
    } finally {
      this.#lastIndex++;
    }
  }

  #step(command: Command, changes: readonly MemberChange[]): Configuration {
    const args = new Arguments(command);
    args.allowOnly(['autoleave']);
    if (command.name === 'simple') return simpleChange(this.#configuration, changes);
    if (command.name === 'enter-joint') {
      return enterJoint(this.#configuration, changes, args.flagOf('autoleave') ?? false);
    }
    if (changes.length > 0) throw new ScriptError('leave-joint takes no changes');
    return leaveJoint(this.#configuration);
  }

  /** Who stays keeps what is known of it, also when it becomes a learner or a voter. */
  #nextOf(changed: Configuration, changes: readonly MemberChange[]): ReadonlyMap<MemberId, number> {
    const forgotten = changes
      .filter(({ type, id }) => type === 'remove' && !changed.outgoing.includes(id))
      .map(({ id }) => id);
    const known = (id: MemberId) => (forgotten.includes(id) ? undefined : this.#next.get(id));
    const first = Math.max(this.#lastIndex, 1);
    return new Map(allMembers(changed).map((id) => [id, known(id) ?? first]));
  }

  #describe(): string {
    const { learners } = this.#configuration;
    const lines = [...this.#next].map(
      ([id, next]) =>
        `${id}: StateProbe match=0 next=${next}${learners.includes(id) ? ' learner' : ''}\n`,
    );
    return `${describeConfiguration(this.#configuration)}\n${lines.join('')}`;
  }
}
