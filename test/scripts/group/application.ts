import {
  decodeMembershipRecord,
  type Entry,
  EntryType,
  type LogBase,
  nextMembership,
} from 'raft-ts/core';

/** What the application was once `base.index` was applied: everything that it was given so far. */
export interface ApplicationState {
  readonly base: LogBase;
  readonly content: string;
}

const text = new TextDecoder();

/**
 * The state machine of the scripts: it appends every payload to what it holds, and remembers all
 * states that it went through. It outlives its member, as one with a store of its own would.
 */
export class Application {
  #history: ApplicationState[];

  constructor(first: ApplicationState) {
    this.#history = [first];
  }

  get state(): ApplicationState {
    const last = this.#history.at(-1);
    if (last === undefined) throw new Error('an application has a state');
    return last;
  }

  /** True when the entry changed who takes part. */
  apply({ index, term, type, data }: Entry): boolean {
    const { base, content } = this.state;
    const changes = type === EntryType.Membership;
    const membership = changes
      ? nextMembership(base.membership, decodeMembershipRecord(data), index, term)
      : base.membership;
    const added = type === EntryType.Command ? text.decode(data) : '';
    this.#history.push({ base: { index, term, membership }, content: content + added });
    return changes;
  }

  /** The state as of `index`, if it went through it. */
  at(index: number): ApplicationState | undefined {
    return this.#history.findLast(({ base }) => base.index === index);
  }

  /** Another member's state takes the place of this one. */
  install(state: ApplicationState): void {
    this.#history.push(state);
  }
}
