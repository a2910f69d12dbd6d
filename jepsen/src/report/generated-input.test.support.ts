import type { MemberRole } from '../cluster/database.js';
import {
  type CallInput,
  HEAL,
  type HistoryEvent,
  type InvokeEvent,
  NEMESIS,
} from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import { Random } from '../random.js';
import type { ReportInput } from './report-input.js';
import type { RoleSample } from './role-sample.js';

interface GeneratedOptions {
  readonly operations: number;
  readonly clients: number;
  readonly seed: number;
}

interface Pending {
  readonly endMs: number;
  readonly end: (index: number) => HistoryEvent;
}

const KEYS = 5;
const FAULT_EVERY_MS = 4000;
const FAULT_LASTS_MS = 1500;

/**
 * A test that looks like one: clients that read, write and compare registers, faults that make them slow
 * and uncertain, leaders that change, one violation, and the orders of two keys.
 */
export function generatedInput({ operations, clients, seed }: GeneratedOptions): ReportInput {
  const random = new Random(seed);
  const events: HistoryEvent[] = [];
  const pending: Pending[] = [];
  const names = Array.from({ length: clients }, (_, client) => client);
  const freeAt = names.map(() => random.below(5));
  const strikes: { readonly call: number; readonly atMs: number }[] = [];
  const orders: readonly number[][] = [[], []];
  const isUnderFault = (atMs: number) => atMs % FAULT_EVERY_MS > FAULT_EVERY_MS - FAULT_LASTS_MS;
  const flush = (untilMs: number) => {
    for (;;) {
      const next = pending.reduce<Pending | undefined>(
        (first, one) => (first === undefined || one.endMs < first.endMs ? one : first),
        undefined,
      );
      if (next === undefined || next.endMs > untilMs) return;
      pending.splice(pending.indexOf(next), 1);
      events.push(next.end(events.length));
    }
  };
  const invoke = (process: number | string, input: CallInput, atMs: number): InvokeEvent => {
    const event = { index: events.length, atMs, process, type: 'invoke', input } as const;
    events.push(event);
    return event;
  };
  for (let made = 0; made < operations; made++) {
    const client = freeAt.reduce((best, at, one) => (at < (freeAt[best] ?? 0) ? one : best), 0);
    const atMs = freeAt[client] ?? 0;
    flush(atMs);
    strike(atMs);
    const isSlow = isUnderFault(atMs);
    const process = names[client] ?? client;
    const call = invoke(process, drawCall(random), atMs);
    const endMs = atMs + random.exponential(isSlow ? 40 : 3) + 0.2;
    const draw = random.fraction();
    const common = { atMs: endMs, process, call: call.index, member: 1 + random.below(3) };
    if (isSlow && draw < 0.04) {
      const error = { code: 'TIMED_OUT', message: 'no answer within 1000 ms' };
      pending.push({ endMs, end: (index) => ({ ...common, index, type: 'info', error }) });
      names[client] = process + clients;
    } else if (isSlow && draw < 0.15) {
      const error = { code: 'NOT_LEADER', message: 'this member does not lead' };
      pending.push({ endMs, end: (index) => ({ ...common, index, type: 'fail', error }) });
    } else {
      const output: Json = call.input.kind === 'write' ? null : random.below(50);
      pending.push({ endMs, end: (index) => ({ ...common, index, type: 'ok', output }) });
      orders[Number(call.input.key)]?.push(call.index);
    }
    freeAt[client] = endMs + random.exponential(2);
  }
  flush(Number.POSITIVE_INFINITY);
  const invokes = events.filter(
    (event): event is InvokeEvent => event.type === 'invoke' && event.process !== NEMESIS,
  );
  const suspects = [0.4, 0.6].map(
    (share) => invokes[Math.floor(share * invokes.length)]?.index ?? 0,
  );
  return {
    history: {
      header: {
        format: 1,
        workload: 'register',
        suite: 'broken-register',
        nemeses: ['partition', 'kill'],
        seed,
        startedAt: '2026-01-02T03:04:05.000Z',
        options: { clients, 'rate-per-second': 500, nodes: 3 },
      },
      events,
    },
    verdict: 'invalid',
    results: [
      {
        checker: 'linearizability',
        verdict: 'invalid',
        findings: [
          {
            lines: [
              "Not a linearizable register: key 3. These can't all be, whatever else happened:",
              '  process 4  write 7   from 11.800 s to 11.900 s',
              '  process 2  read → 4  from 12.100 s to 12.310 s',
            ],
            calls: suspects,
          },
        ],
        figures: { operations, keys: KEYS, peakMemoryBytes: 1_234_567 },
        orders: Object.fromEntries(orders.entries()),
      },
      { checker: 'availability', verdict: 'valid', findings: [], figures: { longestGapMs: 812 } },
      {
        checker: 'staleness',
        verdict: 'unknown',
        findings: [{ lines: ['Gave up after 60 s, at operation 1,234.'], calls: [] }],
        figures: {},
      },
    ],
    roles: drawRoles(random, events.at(-1)?.atMs ?? 0),
    members: [1, 2, 3].map((id) => ({ id, name: `n${id}` })),
    commands: [
      `npm run jepsen -- test --workload register --nemesis partition,kill --seed ${seed}`,
    ],
    files: ['history.ndjson', 'results.json', 'n1/log'],
  };

  /** Begins and heals faults up to this moment, one after the other. */
  function strike(untilMs: number): void {
    for (;;) {
      const last = strikes.at(-1);
      const isOpen = strikes.length % 2 === 1;
      const nextMs = isOpen
        ? (last?.atMs ?? 0) + FAULT_LASTS_MS
        : (last?.atMs ?? 0) + FAULT_EVERY_MS - FAULT_LASTS_MS;
      if (nextMs > untilMs) return;
      const kind = strikes.length % 4 < 2 ? 'partition' : 'kill';
      const input = isOpen
        ? { kind: HEAL, fault: last?.call ?? 0 }
        : { kind, members: [1 + random.below(3)] };
      const { index: call } = invoke(NEMESIS, input, nextMs);
      const done = { process: NEMESIS, call, type: 'ok', output: null } as const;
      events.push({ ...done, index: events.length, atMs: nextMs + 1 });
      strikes.push({ call, atMs: nextMs });
    }
  }
}

function drawCall(random: Random): CallInput {
  const key = String(random.below(KEYS));
  const kind = random.pick(['read', 'write', 'cas']);
  if (kind === 'read') return { kind, key };
  if (kind === 'write') return { kind, key, value: random.below(50) };
  return { kind, key, from: random.below(50), to: random.below(50) };
}

function drawRoles(random: Random, lengthMs: number): readonly RoleSample[] {
  const samples: RoleSample[] = [];
  for (let atMs = 0; atMs < lengthMs; atMs += FAULT_EVERY_MS / 2) {
    const leader = 1 + random.below(3);
    const silent = random.chance(0.3) ? 1 + (leader % 3) : 0;
    const roles = Object.fromEntries(
      [1, 2, 3].map((id): [number, MemberRole] => {
        if (id === silent) return [id, 'silent'];
        return [id, id === leader ? 'leader' : random.chance(0.1) ? 'candidate' : 'follower'];
      }),
    );
    samples.push({ atMs, roles });
  }
  return samples;
}
