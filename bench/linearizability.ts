/**
 * How long the linearizability checker takes for histories of several kinds and sizes, legal ones
 * and ones in which some late reads are answered with what earlier ones got:
 * `npm run bench:linearizability -- [runs] [most operations]`. Times are medians, in milliseconds: what the
 * processor spent for the verdict alone, and with the explanation of an illegal one; and how long that took.
 */
import {
  appendOnlyList,
  checkLinearizability,
  type KeyValueInput,
  type KeyValueOutput,
  keyValue,
  type ListInput,
  type ListOutput,
  type Model,
  type Operation,
  type RegisterInput,
  type RegisterOutput,
  register,
} from '@raft-ts/jepsen';
import { runBench, wholeNumbers } from './usage.js';

const HELP = `Usage: npm run bench:linearizability -- [runs = 5] [operations = 100000]

Measures how long the linearizability checker takes for histories of several kinds, and sizes up to so
many operations; with the explanation of illegal ones, as processor time and as time.
`;

interface Load {
  readonly clients: number;
  readonly operations: number;
  /** Part of the operations whose outcome nobody knows; half of them take effect at some time. */
  readonly unknownRate: number;
}

/** A system that does one call after the other, and the calls. */
interface System<Input, Output> {
  readonly apply: (input: Input) => Output;
  readonly input: (random: () => number, number: number) => Input;
  readonly isRead: (input: Input) => boolean;
}

const SEED = 1;

/** Mulberry32 (T. Ettinger): the same histories each time. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let hash = Math.imul(state ^ (state >>> 15), 1 | state);
    hash = (hash + Math.imul(hash ^ (hash >>> 7), 61 | hash)) ^ hash;
    return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Each client calls, is answered after a while, thinks, and calls again. */
function historyOf<Input, Output>(
  { apply, input, isRead }: System<Input, Output>,
  { clients, operations, unknownRate }: Load,
  staleReads: number,
): readonly Operation<Input, Output>[] {
  const random = randomFrom(SEED);
  const lasts = (mean: number) => -Math.log(1 - random()) * mean;
  const free = Array.from({ length: clients }, (_, process) => ({ process, at: lasts(1) }));
  const calls = Array.from({ length: operations }, (_, number) => {
    const client = free.reduce((first, other) => (other.at < first.at ? other : first));
    const { process, at: invokedAt } = client;
    const isUnknown = random() < unknownRate;
    const effectAt = invokedAt + lasts(isUnknown && random() < 0.3 ? 30 : 1);
    const returnedAt = effectAt + lasts(1);
    if (isUnknown) client.process = clients + number;
    client.at = isUnknown ? invokedAt + lasts(4) : returnedAt + lasts(1);
    const takesEffect = !isUnknown || random() < 0.5;
    const call = { process, input: input(random, number), invokedAt };
    return { call, isUnknown, takesEffect, effectAt, returnedAt };
  });
  calls.sort((a, b) => a.effectAt - b.effectAt);
  const outputs = calls.map(({ call, takesEffect }) => (takesEffect ? apply(call.input) : null));
  const reads = calls.flatMap(({ call, isUnknown }, i) =>
    !isUnknown && isRead(call.input) ? [i] : [],
  );
  for (let i = 0; i < staleReads; i++) {
    const late = Math.floor(reads.length * (0.9 - i / (2 * staleReads)));
    const earlier = late - Math.ceil(reads.length / 10);
    outputs[reads[late] ?? 0] = outputs[reads[earlier] ?? 0] ?? null;
  }
  return calls.map(({ call, isUnknown, returnedAt }, i) => {
    const output = outputs[i] as Output;
    return isUnknown
      ? { ...call, outcome: 'unknown' }
      : { ...call, outcome: 'done', output, returnedAt };
  });
}

function registerOf(values: number): System<RegisterInput, RegisterOutput> {
  let state: RegisterOutput = null;
  const drawValue = (random: () => number, number: number) =>
    Number.isFinite(values) ? Math.floor(random() * values) : number;
  return {
    apply(input) {
      if (input.kind === 'read') return state;
      if (input.kind === 'compare-and-set' && input.from !== state) return false;
      state = input.kind === 'write' ? input.value : input.to;
      return input.kind === 'write' ? null : true;
    },
    input(random, number) {
      const draw = random();
      if (draw < 0.4) return { kind: 'read' };
      const value = drawValue(random, number);
      if (draw < 0.8) return { kind: 'write', value };
      return { kind: 'compare-and-set', from: drawValue(random, number), to: value };
    },
    isRead: ({ kind }) => kind === 'read',
  };
}

/** As many registers, which clients choose at random. */
function registersOf(keys: number, values: number): System<RegisterInput, RegisterOutput> {
  const registers = Array.from({ length: keys }, () => registerOf(values));
  return {
    apply: (input) => registers[Number(input.key)]?.apply(input) ?? null,
    input(random, number) {
      const key = Math.floor(random() * keys);
      return { ...(registers[key] ?? registerOf(values)).input(random, number), key: `${key}` };
    },
    isRead: ({ kind, key }) => kind === 'read' && key === '0',
  };
}

function keysOf(keys: number): System<KeyValueInput, KeyValueOutput> {
  const states = new Map<string, string>();
  return {
    apply(input) {
      const value = states.get(input.key) ?? '';
      if (input.kind === 'get') return value;
      states.set(input.key, input.kind === 'put' ? input.value : value + input.value);
      return null;
    },
    input(random, number) {
      const key = String(Math.floor(random() * keys));
      const draw = random();
      if (draw < 0.4) return { kind: 'get', key };
      return { kind: draw < 0.9 ? 'append' : 'put', key, value: `x ${number} y` };
    },
    isRead: ({ kind, key }) => kind === 'get' && key === '0',
  };
}

function list(): System<ListInput, ListOutput> {
  let length = 0;
  return {
    apply({ kind }) {
      if (kind === 'append') length += 1;
      return { length };
    },
    input: (random, number) =>
      random() < 0.6 ? { kind: 'append', value: `${number}` } : { kind: 'read' },
    isRead: ({ kind }) => kind === 'read',
  };
}

function measure<State, Input, Output>(
  name: string,
  model: Model<State, Input, Output>,
  system: () => System<Input, Output>,
  load: Load,
  runs: number,
): void {
  for (const staleReads of [0, 1, 20]) {
    const history = historyOf(system(), load, staleReads);
    const verdictOnly = { maxExplanationSteps: 0 };
    const { verdict, statistics } = checkLinearizability(model, history, verdictOnly);
    const verdictTimes = medianMs(runs, () => checkLinearizability(model, history, verdictOnly));
    const explained = medianMs(runs, () => checkLinearizability(model, history));
    rows.push({
      history: name,
      ...load,
      staleReads,
      verdict,
      verdictMs: verdictTimes.processor,
      explainedMs: explained.processor,
      wallMs: explained.wall,
      operationsPerSecond: Math.round((1000 * load.operations) / explained.processor),
      steps: statistics.steps,
      peakMB: Number((statistics.peakMemoryBytes / 1e6).toFixed(1)),
    });
  }
}

interface Times {
  readonly processor: number;
  readonly wall: number;
}

function medianMs(runs: number, run: () => unknown): Times {
  const times = Array.from({ length: runs }, (): Times => {
    const [before, start] = [process.cpuUsage(), performance.now()];
    run();
    const { user, system } = process.cpuUsage(before);
    return { processor: (user + system) / 1_000, wall: performance.now() - start };
  });
  const median = (kind: keyof Times) => {
    const sorted = times.map((each) => each[kind]).sort((a, b) => a - b);
    return Number((sorted[runs >> 1] ?? Number.NaN).toFixed(1));
  };
  return { processor: median('processor'), wall: median('wall') };
}

const rows: Record<string, string | number>[] = [];

interface BenchOptions {
  readonly runs: number;
  readonly operations: number;
}

async function main({ runs, operations }: BenchOptions): Promise<void> {
  const few = { clients: 6, operations: 2_000, unknownRate: 0.05 };
  const many = { clients: 6, operations: 10_000, unknownRate: 0.05 };
  const wide = { clients: 30, operations: 2_000, unknownRate: 0.02 };
  for (const load of [few, many, wide].filter((each) => each.operations <= operations)) {
    measure('list', appendOnlyList(), list, load, runs);
    measure('register, 5 values', register, () => registerOf(5), load, runs);
    measure(
      'register, all differ',
      register,
      () => registerOf(Number.POSITIVE_INFINITY),
      load,
      runs,
    );
    measure('10 keys', keyValue, () => keysOf(10), load, runs);
  }
  for (const size of [1_000, 10_000, 100_000].filter((each) => each <= operations)) {
    const load = { clients: 20, operations: size, unknownRate: 0.01 };
    const certain = { ...load, unknownRate: 0 };
    const differ = Number.POSITIVE_INFINITY;
    measure('20 registers, 5 values', register, () => registersOf(20, 5), certain, runs);
    measure('20 registers, 5 values', register, () => registersOf(20, 5), load, runs);
    measure('20 registers, all differ', register, () => registersOf(20, differ), load, runs);
    measure('20 keys', keyValue, () => keysOf(20), load, runs);
  }
  console.table(rows);
}

await runBench(HELP, (args) => wholeNumbers(args, { runs: 5, operations: 100_000 }), main);
