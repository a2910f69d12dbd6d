import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One folder for each version that wrote one. */
export const FIXTURES = fileURLToPath(new URL('../../compatibility/fixtures', import.meta.url));

/** A member's data directory and what it holds, within a fixture: of the tree, and of a state in memory. */
export const KEPT = {
  tree: { directory: 'member', contents: 'contents.json' },
  inMemory: { directory: 'in-memory-member', contents: 'in-memory-contents.json' },
} as const;
export type Kept = (typeof KEPT)[keyof typeof KEPT];

/** The versions that have left a fixture. */
export function fixtureVersions(): readonly string[] {
  return readdirSync(FIXTURES).sort();
}

/** What the version that wrote a fixture found in it. */
export function expectedContents(version: string, kept: Kept): object {
  return JSON.parse(readFileSync(join(FIXTURES, version, kept.contents), 'utf8'));
}

/** Copies a data directory of a fixture to `directory`: opening it changes files. */
export function copyFixture(version: string, kept: Kept, directory: string): void {
  cpSync(join(FIXTURES, version, kept.directory), directory, { recursive: true });
}
