import type { NamedProperty } from '../property.js';

/**
 * Members agree, or stop: where an older copy of a disk was put back, what was acknowledged may be
 * lost, but whoever still runs in the end holds what the others hold, and says so otherwise.
 */
export const agreeOrStop: NamedProperty = {
  name: 'agree-or-stop',
  create(world, violate) {
    return {
      finished() {
        const running = world.participants().filter((id) => world.member(id).status !== undefined);
        const held = running.map((id) => world.member(id).store.values.join());
        const other = held.findIndex((values) => values !== held[0]);
        if (other > 0) violate(`members ${running[0]} and ${running[other]} hold different values`);
      },
    };
  },
};
