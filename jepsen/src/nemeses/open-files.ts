import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { Cluster } from '../cluster/cluster.js';
import type { MemberPlace } from '../cluster/member.js';
import type { Hold } from './holds/hold.js';
import { repeating } from './holds/repeating.js';
import type { Nemesis, NemesisContext } from './nemesis.js';
import { striking } from './striking.js';
import { drawMembers } from './victims.js';

/** Beyond what a member has open while it serves. */
const LEAST_SPARE_FILES = 8;
const MOST_SPARE_FILES = 64;
/** Where it is not known how many files a member has open. */
const ASSUMED_OPEN_FILES = 64;
/** A limit is doubled so often for a member that does not start with it. */
const MAX_TRIES = 6;
const MAX_STARTING_MS = 10_000;
/** More connections than the limit leaves room for. */
const EXCESS_CONNECTIONS = 32;
/** Who is refused knocks again after so long. */
const KNOCK_EVERY_MS = 500;

/** A member is started anew with a limit of open files just above what it needs, and more connections come than fit. */
export const openFilesExhausted: Nemesis = {
  name: 'open-files-exhausted',
  proves: 'Who can open neither files nor connections refuses requests, and loses nothing',
  lastsMs: 6_000,
  pausesMs: 6_000,
  endsMembers: true,
  unavailable: async () =>
    process.platform === 'linux' ? undefined : 'open files are counted in /proc, which Linux has',
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, pause } = context;
      const members = drawMembers(random, cluster.members, 1);
      const spareFiles = random.between(LEAST_SPARE_FILES, MOST_SPARE_FILES);
      const openFiles: number[] = [];
      for (const id of members) {
        const limited = await limitFiles(context, id, spareFiles);
        holding.add(limited);
        openFiles.push(limited.openFiles);
        const member = cluster.members.find((place) => place.id === id);
        if (member === undefined) continue;
        const knocker = new Knocker(member, limited.openFiles + EXCESS_CONNECTIONS);
        holding.defer(async () => knocker.end());
        const knocking = repeating(async (over) => {
          knocker.knock();
          await pause(KNOCK_EVERY_MS, over);
        });
        holding.add(knocking);
      }
      return { kind: 'open-files-exhausted', members, openFiles };
    }),
};

/**
 * Starts a member anew with a limit just above what it has open. One that ends of it, as some do that know what they
 * need, is given twice as much, until it serves.
 */
async function limitFiles(
  { cluster, holds, signal }: NemesisContext,
  id: number,
  spareFiles: number,
): Promise<Hold & { readonly openFiles: number }> {
  let openFiles = (await openFilesOf(cluster, id)) + spareFiles;
  for (let tries = 1; ; tries++) {
    const surrounded = holds.surroundings.with(id, { openFiles });
    const release = async () => {
      await surrounded.release();
      await holds.members.restart(id, 'SIGTERM');
    };
    try {
      await holds.members.restart(id, 'SIGTERM');
      const serves = await holds.members.awaitServing(id, MAX_STARTING_MS, signal);
      const refuses = !serves && !cluster.isRunning(id) && !holds.members.isHeld(id);
      if (!refuses || tries === MAX_TRIES) return { openFiles, release };
    } catch (failure) {
      await release();
      throw failure;
    }
    await surrounded.release();
    openFiles *= 2;
  }
}

async function openFilesOf(cluster: Cluster, id: number): Promise<number> {
  const processId = cluster.processId(id);
  if (processId === undefined) return ASSUMED_OPEN_FILES;
  const open = await readdir(`/proc/${processId}/fd`).catch(() => undefined);
  return open?.length ?? ASSUMED_OPEN_FILES;
}

/** Holds connections to a member open, and asks for none of its time. */
class Knocker {
  readonly #member: MemberPlace;
  readonly #connections: number;
  readonly #open = new Set<Socket>();

  constructor(member: MemberPlace, connections: number) {
    this.#member = member;
    this.#connections = connections;
  }

  knock(): void {
    const addresses = Object.values(this.#member.clientAddresses);
    for (let at = 0; this.#open.size < this.#connections && addresses.length > 0; at++) {
      const address = addresses[at % addresses.length] ?? '';
      const colon = address.lastIndexOf(':');
      const socket = connect(Number(address.slice(colon + 1)), address.slice(0, colon));
      this.#open.add(socket);
      // Refused or cut off is what is wanted; it knocks again at the next round.
      socket.on('error', () => undefined);
      socket.on('close', () => this.#open.delete(socket));
      socket.unref();
    }
  }

  end(): undefined {
    for (const socket of this.#open) socket.destroy();
  }
}
