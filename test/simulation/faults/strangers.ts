import type { Stranger, VirtualRpcServer } from '../wire/rpc.js';
import { type FaultKind, faultKind } from './fault.js';

/** Strangers at one member, at most. */
const MAX_STRANGERS = 600;
/** When those come again that were sent away, or found nobody. */
const AGAIN_MS = 1000;

/**
 * Sockets of strangers knock at a member, and take each place that they get: those of its clients,
 * who have to come anew, or those of connections that say nothing.
 */
const strangers = faultKind(
  'strangers',
  (draw) => ({
    member: draw.target(),
    count: Math.round(draw.random.magnitude(10, MAX_STRANGERS)),
    /** Share of them that greet as clients do. */
    greeting: draw.random.pick([0, 0.5, 1]),
    /** Whether the member's clients lose their connections. */
    reset: draw.random.chance(0.7),
  }),
  (fault, world) => {
    const { clients, cluster, coverage, network, time, random } = world;
    const id = world.member(fault.member);
    coverage.count('strangers knock');
    const inside = new Set<Stranger>();
    for (const client of fault.reset ? clients : []) {
      network.breakStreams(id, client);
      network.breakStreams(client, id);
    }
    let server: VirtualRpcServer | undefined;
    const knock = (): void => {
      const before = server;
      server = cluster.member(id).server;
      // Whoever was inside is gone with the process.
      if (server !== before) inside.clear();
      const missing = fault.count - inside.size;
      for (let each = 0; each < missing; each++) {
        server?.knock(random.chance(fault.greeting), inside);
      }
      next = time.after(AGAIN_MS, knock);
    };
    let next = time.after(0, knock);
    return () => {
      next.cancel();
      for (const stranger of [...inside]) stranger.leave();
    };
  },
);

/** More connections than a process has files for. */
export const STRANGERS: readonly FaultKind[] = [strangers];
