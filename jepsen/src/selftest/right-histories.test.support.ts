import { inodeTreeCalls } from '../checkers/linearizability/models/inode-tree-calls.js';
import {
  applyToTree,
  EMPTY_TREE,
  type PlainTree,
} from '../checkers/linearizability/models/plain-tree.test.support.js';
import { type SimulatedSystem, simulate } from '../checkers/simulated-history.test.support.js';
import type { History } from '../histories/history.js';
import { NEMESIS } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import { Random } from '../random.js';
import type { Workload } from '../workloads/workload.js';

const CLIENTS = 6;
const CALLS = 300;

/** What clients of a workload see of a system that does everything right. */
export function rightHistory(workload: Workload, seed: number): History {
  const options = { clients: CLIENTS, members: 3, calls: CALLS };
  const generator = workload.generator(new Random(seed), options);
  const { events } = simulate({
    seed,
    clients: CLIENTS,
    calls: CALLS,
    next: (_random, process) => generator.next(process % CLIENTS) ?? { kind: 'nothing' },
    answered: (process, input, output) => generator.answered?.(process, input, output),
    system: { apply: systemOf(workload.name) },
    finals: workload.finalCalls(options),
    unknownShare: 0.01,
    failedShare: 0.02,
  });
  const index = events.length;
  const compared = { process: NEMESIS, atMs: events.at(-1)?.atMs ?? 0 };
  return {
    header: {
      format: 1,
      workload: workload.name,
      suite: 'simulated',
      nemeses: [],
      seed,
      startedAt: '2026-01-01T00:00:00.000Z',
      options: { errorCodes: ['FAILED', 'UNKNOWN'] },
    },
    events: [
      ...events,
      { ...compared, index, type: 'invoke', input: { kind: 'compare-members' } },
      { ...compared, index: index + 1, type: 'ok', call: index, output: [] },
    ],
  };
}

/** Carries out the calls of a workload one by one. */
function systemOf(workload: string): SimulatedSystem['apply'] {
  switch (workload) {
    case 'register':
      return registers();
    case 'set':
    case 'lists':
      return lists();
    case 'lock':
      return locks();
    case 'names':
      return names();
    case 'inode':
    case 'renames':
      return trees();
    default:
      return counters();
  }
}

function registers(): SimulatedSystem['apply'] {
  const values = new Map<Json, Json>();
  return ({ kind, key = null, value = null, from = null, to = null }) => {
    const current = values.get(key) ?? null;
    if (kind === 'read') return current;
    if (kind === 'compare-and-set' && current !== from) return false;
    values.set(key, kind === 'write' ? value : to);
    return kind === 'write' ? null : true;
  };
}

function lists(): SimulatedSystem['apply'] {
  const elements = new Map<Json, readonly Json[]>();
  return ({ kind, key = null, element = null }) => {
    const current = elements.get(key) ?? [];
    if (kind === 'read') return current;
    elements.set(key, [...current, element]);
    return null;
  };
}

function counters(): SimulatedSystem['apply'] {
  const sums = new Map<Json, number>();
  return ({ kind, key = null, amount }) => {
    const sum = (sums.get(key) ?? 0) + (kind === 'add' ? Number(amount) : 0);
    sums.set(key, sum);
    return sum;
  };
}

function locks(): SimulatedSystem['apply'] {
  const held = new Map<Json, { readonly token: number; readonly untilMs: number }>();
  const written = new Map<Json, number>();
  return ({ kind, lock = null, token, leaseMs }, atMs) => {
    const { token: last, untilMs } = held.get(lock) ?? { token: 0, untilMs: 0 };
    if (kind === 'acquire') {
      if (untilMs > atMs) return null;
      held.set(lock, { token: last + 1, untilMs: atMs + Number(leaseMs) });
      return last + 1;
    }
    if (kind === 'release') {
      if (token !== last || untilMs <= atMs) return false;
      held.set(lock, { token: last, untilMs: 0 });
      return true;
    }
    if (Number(token) < (written.get(lock) ?? 0)) return false;
    written.set(lock, Number(token));
    return true;
  };
}

function names(): SimulatedSystem['apply'] {
  const taken = new Set<string>();
  return ({ kind, name }) => {
    if (kind === 'list') return [...taken];
    if (taken.has(`${name}`)) return false;
    taken.add(`${name}`);
    return true;
  };
}

function trees(): SimulatedSystem['apply'] {
  const all = new Map<Json, PlainTree>();
  let lastId = 1;
  return (call) => {
    const input = inodeTreeCalls.input(call);
    if (input === undefined) throw new TypeError(`no call of a tree: ${JSON.stringify(call)}`);
    const { tree = '' } = input;
    const [after, output] = applyToTree(all.get(tree) ?? EMPTY_TREE, input, ++lastId);
    all.set(tree, after);
    return { ...output };
  };
}
