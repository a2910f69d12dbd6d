import fc from 'fast-check';
import { type Operations, operationsOf } from './operations.js';
import { NONE, type ReportData } from './report-data.js';

/** A call of a client, before anything is known of the others. */
interface DrawnCall {
  readonly process: number;
  readonly fromUs: number;
  readonly tookUs: number;
  readonly outcome: number;
}

export function operationsFrom(calls: readonly DrawnCall[], lengthUs: number): Operations {
  const zeros = calls.map(() => 0);
  const data: ReportData = {
    lengthUs,
    processes: [],
    kinds: [],
    texts: [],
    operations: {
      call: zeros,
      invokedUs: calls.map(({ fromUs }, at) => fromUs - (calls[at - 1]?.fromUs ?? 0)),
      tookUs: calls.map(({ tookUs }) => tookUs),
      process: calls.map(({ process }) => process),
      kind: zeros,
      outcome: calls.map(({ outcome }) => outcome),
      input: zeros,
      answer: zeros,
      member: zeros,
    },
    faults: [],
    findings: [],
    orders: [],
    members: [],
  };
  return operationsOf(data);
}

const drawnClient = fc.array(
  fc.record({
    pauseUs: fc.nat(50),
    tookUs: fc.oneof(fc.nat(100), fc.nat(100_000)),
    outcome: fc.nat(2),
  }),
  { maxLength: 30 },
);

/** Clients that make one call at a time, and take another name after a call of unknown outcome. */
export const drawnOperations: fc.Arbitrary<Operations> = fc
  .tuple(fc.array(drawnClient, { maxLength: 6 }), fc.boolean())
  .map(([clients, endsOpen]) => {
    const calls: DrawnCall[] = [];
    for (const [client, drawn] of clients.entries()) {
      let process = client;
      let at = client;
      for (const [place, { pauseUs, tookUs, outcome }] of drawn.entries()) {
        const isOpen = endsOpen && place === drawn.length - 1;
        const fromUs = at + pauseUs;
        calls.push({
          process,
          fromUs,
          tookUs: isOpen ? NONE : tookUs,
          outcome: isOpen ? 2 : outcome,
        });
        if (outcome === 2) process += clients.length;
        at = fromUs + tookUs;
      }
    }
    calls.sort((a, b) => a.fromUs - b.fromUs);
    return operationsFrom(calls, lengthOf(calls));
  });

function lengthOf(calls: readonly DrawnCall[]): number {
  return calls.reduce(
    (most, { fromUs, tookUs }) => Math.max(most, fromUs + Math.max(0, tookUs)),
    1,
  );
}

/** A part of a test that is shown on some screen. */
export const drawnScale = fc
  .record({
    fromUs: fc.nat(200_000),
    spanUs: fc.oneof(fc.integer({ min: 20, max: 500 }), fc.integer({ min: 20, max: 500_000 })),
    width: fc.integer({ min: 40, max: 300 }),
  })
  .map(({ fromUs, spanUs, width }) => ({ fromUs, toUs: fromUs + spanUs, left: 64, width }));
