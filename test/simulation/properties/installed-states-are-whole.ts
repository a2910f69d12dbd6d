import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * Installed states are whole: what a member installs is what another one held at that index, sessions
 * included, and members that are taken hold of at one index hold the same. Whatever crash comes in between,
 * a member starts with what it held durably or with something later, and with a list that is the beginning of
 * everybody's: the old state or the new one, never a mix (Raft paper, section 7; decision 0019).
 */
export const installedStatesAreWhole: NamedProperty = {
  name: 'installed-states-are-whole',
  create(world, violate) {
    /** By index. */
    const held = new Map<number, string>();
    /** By the length of the list. */
    const hashes = new Map<number, number>([[0, 0]]);
    const durable = new Map<MemberId, number>();

    return {
      tookEffect(_member, _index, _value, { values, hash }) {
        hashes.set(values.length, hash);
      },
      snapshotTaken(member, index) {
        const state = world.member(member).store.asText();
        const known = held.get(index);
        if (known === undefined) held.set(index, state);
        else if (known !== state) {
          violate(`member ${member} gives another state as of ${index} than another one did`);
        }
      },
      installed(member, index) {
        const known = held.get(index);
        if (known === undefined)
          violate(`nobody gave the state as of ${index} of member ${member}`);
        else if (known !== world.member(member).store.asText()) {
          violate(`member ${member} has installed as of ${index} what nobody held there`);
        }
      },
      turned(member) {
        durable.set(member, world.member(member).store.flushedIndex);
      },
      stateWiped(member) {
        durable.delete(member);
      },
      started(member) {
        const { store } = world.member(member);
        const before = durable.get(member) ?? 0;
        durable.delete(member);
        if (store.appliedIndex < before && !world.hasLost(member)) {
          violate(
            `member ${member} starts with a state as of ${store.appliedIndex}, and held one as of ` +
              `${before} durably`,
          );
        }
        const { length } = store.values;
        if (hashes.get(length) === store.hash) return;
        violate(`member ${member} starts with a list of ${length} values that nobody had`);
      },
    };
  },
};
