import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCENARIOS } from './scenarios.js';

/** Where patches lie, from the checkout's directory. */
const PATCHES = 'test/mutants/patches';

/** What can notice a mutant. `unit` is followed by the file of the test that is to be run. */
export type Noticer =
  | { readonly kind: 'unit'; readonly file: string }
  | { readonly kind: 'scripts' }
  | { readonly kind: 'simulation' };

/** A bug that is planted to see whether the tests notice it. */
export interface Mutant {
  /** The name of its patch, such as `01-older-term-commits`. */
  readonly name: string;
  readonly scenario: number;
  /** What is tried first. */
  readonly noticer: Noticer;
  /** The patch's file, from the checkout's directory. */
  readonly patch: string;
}

/** All mutants, by scenario. Throws where a patch's head can't be read. */
export function readMutants(root: string): readonly Mutant[] {
  return readdirSync(join(root, PATCHES))
    .filter((file) => file.endsWith('.patch'))
    .sort()
    .map((file) => parseMutant(file, readFileSync(join(root, PATCHES, file), 'utf8')));
}

/** Reads the lines before the patch itself: which scenario it plants and what notices it. */
export function parseMutant(file: string, text: string): Mutant {
  const [head = ''] = text.split(/^diff --git /m);
  const scenario = Number(field(file, head, 'Scenario'));
  if (!SCENARIOS.some(({ number }) => number === scenario)) {
    throw new SyntaxError(`${file}: there is no scenario ${scenario}`);
  }
  if (!file.startsWith(`${String(scenario).padStart(2, '0')}-`)) {
    throw new SyntaxError(`${file}: the name does not begin with its scenario, ${scenario}`);
  }
  return {
    name: file.replace(/\.patch$/, ''),
    scenario,
    noticer: parseNoticer(file, field(file, head, 'Noticed-by')),
    patch: `${PATCHES}/${file}`,
  };
}

function field(file: string, head: string, name: string): string {
  const value = new RegExp(`^${name}: (.+)$`, 'm').exec(head)?.[1];
  if (value === undefined) throw new SyntaxError(`${file}: no line "${name}: ..." at its head`);
  return value.trim();
}

function parseNoticer(file: string, value: string): Noticer {
  const [kind, test] = value.split(' ');
  if (kind === 'unit' && test?.endsWith('.test.ts')) return { kind, file: test };
  if (kind === 'scripts' || kind === 'simulation') return { kind };
  throw new SyntaxError(
    `${file}: Noticed-by is "unit FILE.test.ts", "scripts" or "simulation", not "${value}"`,
  );
}
