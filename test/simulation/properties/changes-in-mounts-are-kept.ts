import type { OwnSeen, SettledMount } from '../client/mount-history.js';
import type { NamedProperty } from '../property.js';
import { NOTHING } from '../storage/stored-files.js';

/** Refusals that may always come: the storage's, and that somebody else is at it. */
const ALWAYS_POSSIBLE = [
  'STORAGE_UNREACHABLE',
  'STORAGE_FAILED',
  'STORAGE_FORBIDDEN',
  'LOCKED',
  'MOUNT_BUSY',
  'STEP_OVERTAKEN',
];

/**
 * What a client of a mount changes is as it was told: done, it is there from then on, for all, whatever looks into the
 * storage find that began before; refused, it never was, but for what is done in steps (`whatItCameTo`). In between it
 * happens in one moment: what is moved is seen once, at one place or at the other.
 */
export const changesInMountsAreKept: NamedProperty = {
  name: 'changes-in-mounts-are-kept',
  create(_world, violate) {
    return {
      mountChanged({ client, change, outcome }) {
        const what = `${JSON.stringify(change.operation)} of client ${client}`;
        if (outcome.kind === 'done' && change.refusal !== undefined) {
          violate(`${what} was done, and not ${change.refusal}`);
        }
        if (outcome.kind !== 'refused' || outcome.code === change.refusal) return;
        if (ALWAYS_POSSIBLE.includes(outcome.code)) return;
        violate(`${what} was refused: ${outcome.code} ${outcome.detail}`);
      },
      contentRefused({ client, operation, message }) {
        violate(`no content for ${JSON.stringify(operation)} of client ${client}: ${message}`);
      },
      ownListed({ client, own, names }) {
        const stray = names.find((name) => own.slotOf(name) === undefined);
        if (stray === undefined) return;
        violate(`client ${client} saw ${own.directory}/${stray}, which nobody has made`);
      },
      ownSeen(look) {
        if (!look.slot.mayHaveBeen(look.seen, look.fromMs, look.toMs)) violate(describe(look));
      },
      mountSettled({ tree, owned }: SettledMount) {
        for (const own of owned) {
          const start = `${own.directory}/`;
          const within = [...tree].filter(([path]) => path.startsWith(start));
          const words = new Map(within.map(([path, word]) => [path.slice(start.length), word]));
          for (const slot of own.slots) {
            if (slot.isDoubtful) continue;
            const here = [...words.keys()].filter(
              (path) => own.slotOf(path.split('/')[0] ?? '') === slot,
            );
            for (const path of new Set([...here, ...slot.words.keys()])) {
              const [is, put] = [words.get(path) ?? NOTHING, slot.words.get(path) ?? NOTHING];
              if (is !== put)
                violate(`at ${start}${path} its client has put ${put}, and there is ${is}`);
            }
          }
        }
      },
    };
  },
};

function describe({ client, own, slot, seen, fromMs, toMs }: OwnSeen): string {
  const [saw, has] = [seen, slot.words].map((words) =>
    [...words].map(([path, word]) => `${path} ${word}`).join(', '),
  );
  return (
    `client ${client} saw in ${own.directory} from ${fromMs.toFixed(0)} to ${toMs.toFixed(0)} ms ${saw}; ` +
    `it has ${has}`
  );
}
