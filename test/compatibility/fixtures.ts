import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One folder for each version that wrote one. */
export const FIXTURES = fileURLToPath(new URL('../../compatibility/fixtures', import.meta.url));

/** Within a fixture: a member's data directory, and what it holds. */
export const MEMBER_DIRECTORY = 'member';
export const CONTENTS_FILE = 'contents.json';

/** The versions that have left a fixture. */
export function fixtureVersions(): readonly string[] {
  return readdirSync(FIXTURES).sort();
}

/** What the version that wrote a fixture found in it. */
export function expectedContents(version: string): object {
  return JSON.parse(readFileSync(join(FIXTURES, version, CONTENTS_FILE), 'utf8'));
}

/** Copies the data directory of a fixture to `directory`: opening it changes files. */
export function copyFixture(version: string, directory: string): void {
  cpSync(join(FIXTURES, version, MEMBER_DIRECTORY), directory, { recursive: true });
}
