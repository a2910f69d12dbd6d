import type { NamedProperty } from '../property.js';

/**
 * Equal state at equal index: members that have applied the same entries hold the same state
 * (Raft paper, 2: replicated state machines), restarts and setbacks of their stores included;
 * in the end also the rows that the framework keeps beside it.
 */
export const equalState: NamedProperty = {
  name: 'equal-state',
  create(world, violate) {
    /** By the list's length; with the entry that made it so long. */
    const states = new Map<number, { readonly hash: number; readonly index: number }>();
    return {
      tookEffect(member, index, _value, { values, hash }) {
        const known = states.get(values.length);
        if (known === undefined) states.set(values.length, { hash, index });
        else if (known.hash !== hash || known.index !== index) {
          violate(
            `value ${values.length} of member ${member}, from entry ${index}, makes another list ` +
              `than on another member, there from entry ${known.index}`,
          );
        }
      },
      finished() {
        const members = world.participants();
        const rows = members.map((member) => world.member(member).store.rowsAsText());
        const other = rows.findIndex((text) => text !== rows[0]);
        if (other < 0) return;
        violate(
          `the rows of members ${members[0]} and ${members[other]} differ ` +
            'though both have applied everything',
        );
      },
    };
  },
};
