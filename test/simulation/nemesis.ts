import type { MemberId } from 'raft-ts';
import type { VirtualTime } from './clock.js';
import type { Cluster } from './cluster.js';
import type { Coverage } from './coverage.js';
import type { NodeId, VirtualNetwork } from './network.js';
import { describeFault, type Fault, type Target } from './schedule.js';
import type { Trace } from './trace.js';

export interface NemesisParts {
  readonly cluster: Cluster;
  readonly clients: readonly NodeId[];
  readonly network: VirtualNetwork;
  readonly time: VirtualTime;
  readonly coverage: Coverage;
  readonly trace: Trace;
  /** Mean of what an fsync takes on a disk that is well. */
  readonly writeMs: number;
}

/** Makes the faults of a schedule strike, and takes them back. */
export class Nemesis {
  readonly #parts: NemesisParts;
  #healed = false;
  /** Those who win an election while one of these lasts are crashed. */
  readonly #ambushes = new Set<{ readonly delayMs: number; readonly downMs: number }>();

  constructor(parts: NemesisParts) {
    this.#parts = parts;
    parts.cluster.onElected = (member) => this.#ambush(member);
  }

  plan(schedule: readonly Fault[]): void {
    for (const fault of schedule) {
      this.#parts.time.after(fault.atMs, () => {
        if (this.#healed) return;
        this.#parts.trace.record(`fault ${fault.kind}`, 0, fault.durationMs, 0, () =>
          describeFault(fault),
        );
        const undo = this.#strike(fault);
        this.#parts.time.after(fault.durationMs, () => {
          if (!this.#healed) undo();
        });
      });
    }
  }

  /** All faults end: every member runs, every link and disk works. */
  heal(): void {
    this.#healed = true;
    const { cluster, network, trace, writeMs } = this.#parts;
    trace.record('healed', 0, 0, 0);
    this.#ambushes.clear();
    network.heal();
    for (const id of cluster.ids) {
      cluster.disk(id).writeMs = writeMs;
      cluster.resume(id);
      cluster.start(id);
    }
  }

  #target(target: Target): MemberId {
    const { cluster } = this.#parts;
    if (target !== 'leader') return target;
    return cluster.leader() ?? cluster.ids[0] ?? 1;
  }

  /** Returns what takes it back. */
  #strike(fault: Fault): () => void {
    const { cluster, coverage, network } = this.#parts;
    switch (fault.kind) {
      case 'partition':
        return this.#partition(fault);
      case 'one-way': {
        const from = this.#target(fault.from);
        coverage.count('one-way partition');
        return this.#block(
          this.#others(from).map((to) => [from, to] as const),
          fault.blockage,
        );
      }
      case 'deaf': {
        const to = this.#target(fault.to);
        coverage.count('one-way partition');
        return this.#block(
          this.#others(to).map((from) => [from, to] as const),
          fault.blockage,
        );
      }
      case 'links': {
        const { pairs, blockage } = fault;
        coverage.count('links cut one by one');
        return this.#block(
          pairs.map(([a, b]) => [this.#target(a), this.#target(b)]),
          blockage,
        );
      }
      case 'crash': {
        const members = fault.members.map((target) => this.#target(target));
        cluster.crash(members);
        return () => members.forEach((id) => void cluster.start(id));
      }
      case 'crash-new-leaders': {
        this.#ambushes.add(fault);
        return () => this.#ambushes.delete(fault);
      }
      case 'restart': {
        const id = this.#target(fault.member);
        cluster.stop(id, () => {
          coverage.count('member stopped and started');
          cluster.start(id);
        });
        return () => {};
      }
      case 'pause': {
        const id = this.#target(fault.member);
        if (cluster.runs(id)) coverage.count('member paused');
        cluster.pause(id);
        return () => cluster.resume(id);
      }
      case 'slow-disk': {
        const disk = cluster.disk(this.#target(fault.member));
        coverage.count('disk slow');
        disk.writeMs = this.#parts.writeMs * fault.factor;
        return () => {
          disk.writeMs = this.#parts.writeMs;
        };
      }
      case 'slow-link': {
        const id = this.#target(fault.member);
        coverage.count('link slow');
        for (const other of this.#others(id)) network.slowDown(id, other, fault.extraDelayMs);
        return () => {
          for (const other of this.#others(id)) network.slowDown(id, other, 0);
        };
      }
      case 'loss':
        network.lossRate = fault.rate;
        return () => {
          network.lossRate = 0;
        };
      case 'reset-connections': {
        const id = this.#target(fault.member);
        coverage.count('connections reset');
        for (const other of [...this.#others(id), ...this.#parts.clients]) {
          network.breakStreams(id, other);
          network.breakStreams(other, id);
        }
        return () => {};
      }
    }
  }

  #others(id: MemberId): readonly MemberId[] {
    return this.#parts.cluster.ids.filter((other) => other !== id);
  }

  #partition(fault: Fault & { readonly kind: 'partition' }): () => void {
    const { cluster, clients, coverage } = this.#parts;
    const side = new Set<NodeId>(fault.side.map((target) => this.#target(target)));
    coverage.count(side.size === 1 ? 'member isolated' : 'partition');
    const nodes = fault.clients ? [...cluster.ids, ...clients] : cluster.ids;
    if (fault.clients) for (const client of clients) if (client % 2 === 0) side.add(client);
    const pairs = nodes.flatMap((a) =>
      nodes.flatMap((b) => (side.has(a) !== side.has(b) ? [[a, b] as const] : [])),
    );
    return this.#block(pairs, fault.blockage);
  }

  #block(
    pairs: readonly (readonly [from: NodeId, to: NodeId])[],
    blockage: 'drop' | 'hold',
  ): () => void {
    const { network } = this.#parts;
    for (const [from, to] of pairs) network.block(from, to, blockage);
    return () => {
      for (const [from, to] of pairs) network.unblock(from, to);
    };
  }

  #ambush(member: MemberId): void {
    const { cluster, coverage, time } = this.#parts;
    for (const { delayMs, downMs } of this.#ambushes) {
      time.after(delayMs, () => {
        if (this.#healed || !cluster.runs(member)) return;
        coverage.count('new leader crashed at once');
        cluster.crash([member]);
        time.after(downMs, () => cluster.start(member));
      });
      return;
    }
  }
}
