import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WORKLOADS } from '../workloads/known-workloads.js';
import { loadSuite, SUITE_NAMES } from './known-suites.js';

describe.each(SUITE_NAMES)('the suite %s', (name) => {
  it('has clients for workloads that there are', async () => {
    const { name: own, clients } = await loadSuite(name);
    expect(own).toBe(name);
    const names = WORKLOADS.map((workload) => workload.name);
    for (const workload of Object.keys(clients)) expect(names).toContain(workload);
  });
});

it('every workload has a suite', async () => {
  const suites = await Promise.all(SUITE_NAMES.map(loadSuite));
  const served = new Set(suites.flatMap(({ clients }) => Object.keys(clients)));
  expect(WORKLOADS.map(({ name }) => name).filter((name) => !served.has(name))).toEqual([]);
});

describe('a suite of a file', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jepsen-suite-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const fileOf = async (text: string) => {
    const file = join(directory, 'suite.mjs');
    await writeFile(file, text);
    return file;
  };

  it('is what the module exports as suite', async () => {
    const database = 'database: { name: "d", ports: [], command() {}, isServing() {} }';
    const file = await fileOf(
      `export const suite = { name: 'own', about: '', ${database}, clients: {} }`,
    );
    expect((await loadSuite(file)).name).toBe('own');
  });

  it('is refused where the module exports none, with what it needs', async () => {
    const file = await fileOf('export const suite = { name: 1 }');
    await expect(loadSuite(file)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    await expect(loadSuite(file)).rejects.toThrow('export const suite');
  });

  it('is refused where the module fails, with its reason', async () => {
    const file = await fileOf("throw new Error('broken')");
    await expect(loadSuite(file)).rejects.toThrow(/can't be loaded: broken/);
  });

  it('is not looked for under a name that is no file', async () => {
    await expect(loadSuite('nothing')).rejects.toThrow('there is no suite nothing');
  });
});
