import { describe, expect, it } from 'vitest';
import { check } from '../checkers/simulated-history.test.support.js';
import { Random } from '../random.js';
import { checkersOfTest } from '../run/checkers-of-test.js';
import { WORKLOADS, workloadNamed } from '../workloads/known-workloads.js';
import type { Workload } from '../workloads/workload.js';
import { FALSIFICATIONS, falsify } from './falsifications.js';
import { rightHistory } from './right-histories.test.support.js';

const SEEDS = [1, 2, 3];

function workloadOf(name: string): Workload {
  const workload = workloadNamed(name);
  if (workload === undefined) throw new RangeError(`no workload ${name}`);
  return workload;
}

function checkersOf(workload: Workload, seed: number) {
  return checkersOfTest(workload, rightHistory(workload, seed).header);
}

describe.each(FALSIFICATIONS)('$foundBy: $lie', (falsification) => {
  const workload = workloadOf(falsification.workload);

  it.each(SEEDS)('is found, and the call is named: seed %s', async (seed) => {
    const history = rightHistory(workload, seed);
    const falsified = falsify(history, falsification, new Random(seed));
    const checker = checkersOf(workload, seed).find(({ name }) => name === falsification.foundBy);
    if (falsified === undefined || checker === undefined) throw new RangeError('nothing to find');
    expect((await check(checker, history)).verdict).toBe('valid');
    const { verdict, findings } = await check(checker, falsified.history);
    expect(verdict).toBe('invalid');
    expect(findings.flatMap(({ calls }) => calls)).toContain(falsified.call);
  });
});

it('every checker of every workload that can find anything has a falsification to find', () => {
  const checked = new Set(FALSIFICATIONS.map(({ foundBy }) => foundBy));
  const all = WORKLOADS.flatMap((workload) => checkersOf(workload, 1).map(({ name }) => name));
  expect([...new Set(all)].filter((name) => !checked.has(name))).toEqual(['availability']);
  const workloads = new Set(FALSIFICATIONS.map(({ workload }) => workload));
  expect(WORKLOADS.map(({ name }) => name).filter((name) => !workloads.has(name))).toEqual([]);
});

it('one event differs, and a history without such a call is left as it is', () => {
  for (const falsification of FALSIFICATIONS) {
    const history = rightHistory(workloadOf(falsification.workload), 4);
    const falsified = falsify(history, falsification, new Random(4));
    const events = falsified?.history.events ?? [];
    expect(events.filter((event, at) => event !== history.events[at])).toHaveLength(1);
    expect(falsify({ ...history, events: [] }, falsification, new Random(4))).toBeUndefined();
  }
});
