import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Check, type Notice, scriptsCheck, simulationCheck, unitCheck } from './checks.js';
import type { Mutant } from './mutant.js';
import type { ThrowAwayTree } from './tree.js';

const CORE_TESTS = ['packages/raft/src/core'];
const ALL_UNIT_TESTS = [
  'packages/raft/src',
  'packages/statemachine/src',
  'packages/inode-app/src/namespace',
  'packages/inode-app/src/store',
];
const SCRIPTS = 'packages/raft/src/core/scenarios';
/** Of etcd's library, from the checkout; they are not everywhere. */
const PEER_SCRIPTS = '../shared/peer-tests/etcd-raft';

/** What became of one mutant. */
export interface Trial {
  readonly mutant: Mutant;
  /** The first check that noticed it; with `every`, all that did. Empty: it survived. */
  readonly notices: readonly Notice[];
  readonly seconds: number;
}

/** How mutants are tried. */
export interface Trials {
  /** The checkout without any mutant, compiled. */
  readonly root: string;
  /** The simulation's first seed. */
  readonly seed: number;
  /** Tries each kind of check, also once one has noticed the mutant. */
  readonly every: boolean;
  /** Runs of the simulation at most, for one mutant. */
  readonly runs: number;
  /** Names of checks that are known to pass without any mutant; what is found to pass is added. */
  readonly passing: Set<string>;
  readonly signal: AbortSignal;
}

/** Tries mutants one after the other, each in the same tree. */
export class Trier {
  readonly #trials: Trials;
  readonly #tree: ThrowAwayTree;

  constructor(trials: Trials, tree: ThrowAwayTree) {
    this.#trials = trials;
    this.#tree = tree;
  }

  /** Throws when the mutant can't be planted, or when a check fails without it. */
  async try(mutant: Mutant): Promise<Trial> {
    const start = performance.now();
    const { signal } = this.#trials;
    this.#tree.plant(mutant.patch);
    try {
      await this.#tree.compile(mutant.patch, signal);
      const notices = await this.#notices(mutant);
      for (const notice of notices) await this.#passesWithout(notice.again);
      return { mutant, notices, seconds: (performance.now() - start) / 1000 };
    } finally {
      this.#tree.removePlanted(mutant.patch);
    }
  }

  async #notices(mutant: Mutant): Promise<readonly Notice[]> {
    const { every, signal } = this.#trials;
    const notices: Notice[] = [];
    for (const check of checksFor(mutant, this.#trials)) {
      if (notices.some(({ kind }) => kind === check.kind)) continue;
      const notice = await check.run(this.#tree.directory, signal);
      if (notice === undefined) continue;
      notices.push(notice);
      if (!every) break;
    }
    return notices;
  }

  /** What fails anyway has noticed nothing. */
  async #passesWithout(check: Check): Promise<void> {
    const { root, passing, signal } = this.#trials;
    if (passing.has(check.name)) return;
    const notice = await check.run(root, signal);
    if (notice === undefined) {
      passing.add(check.name);
      return;
    }
    throw new Error(`${check.name} fails without any mutant: ${notice.by}, ${notice.after}`);
  }
}

/** What is known to notice it first, then from the fastest to the slowest. */
function checksFor({ noticer }: Mutant, { root, seed, runs }: Trials): readonly Check[] {
  const rest = [
    unitCheck(CORE_TESTS),
    ...scripts(root),
    unitCheck(ALL_UNIT_TESTS),
    simulationCheck(seed, runs),
  ];
  if (noticer.kind === 'unit') return [unitCheck([noticer.file]), ...rest];
  const known = rest.filter(({ kind }) => kind === noticer.kind);
  return [...known, ...rest.filter((check) => !known.includes(check))];
}

function scripts(root: string): readonly Check[] {
  const peers = resolve(root, PEER_SCRIPTS);
  return [scriptsCheck(SCRIPTS, true), ...(existsSync(peers) ? [scriptsCheck(peers, false)] : [])];
}
