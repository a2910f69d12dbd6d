import type { NamedProperty } from '../property.js';

interface Length {
  readonly index: number;
  readonly length: number;
  readonly hash: number;
}

/**
 * A backup holds exactly the state as of its index: all that took effect up to there and nothing of what
 * came later, with the sessions as they were then, whoever gave it or was killed meanwhile. That index is not
 * before what was committed when it was asked for (decision 0024).
 */
export const backupsAreExact: NamedProperty = {
  name: 'backups-are-exact',
  create({ member, committed }, violate) {
    /** How long the list is from that entry on, in their order. */
    const lengths: Length[] = [];
    /** By index. */
    const held = new Map<number, string>();
    return {
      tookEffect(_member, index, _value, { values, hash }) {
        const { length } = values;
        const last = lengths.at(-1);
        // An entry may hold several; whoever applies it first has taken in some of them.
        if (last !== undefined && last.index === index && last.length < length) lengths.pop();
        else if (index <= (last?.index ?? 0)) return;
        lengths.push({ index, length, hash });
      },
      snapshotTaken(id, index) {
        held.set(index, member(id).store.asText());
      },
      backedUp({ askedIndex, base, store }) {
        const { index, term } = base;
        if (index < askedIndex) {
          violate(
            `a backup is as of ${index}, and ${askedIndex} was committed when it was asked for`,
          );
        }
        if (store.appliedIndex !== index || committed[index - 1]?.term !== term) {
          violate(
            `a backup as of ${index} of term ${term} holds a state as of ${store.appliedIndex}`,
          );
        }
        const expected = lengths.findLast((each) => each.index <= index);
        const { length } = store.values;
        if (length !== (expected?.length ?? 0) || store.hash !== (expected?.hash ?? 0)) {
          violate(
            `a backup as of ${index} holds ${length} values, of ${expected?.length ?? 0} that took effect ` +
              'up to there, or others',
          );
        }
        if (held.get(index) !== store.asText()) {
          violate(`a backup as of ${index} holds what no member held there`);
        }
      },
    };
  },
};
