import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentsOf } from './contents.js';
import { CONTENTS_FILE, FIXTURES, MEMBER_DIRECTORY } from './fixtures.js';
import { FIXTURE_MEMBER, writeFixture } from './write-fixture.js';

const HELP = `Usage: npm run compatibility -- VERSION

Writes test/compatibility/fixtures/VERSION: the data directory of a member, as this checkout writes
it, and what it holds. Run it when VERSION is released, commit what it writes, and never change it
again: every later version has to open it.
`;

const [version, ...more] = process.argv.slice(2);
if (version === undefined || more.length > 0 || !/^\d+\.\d+\.\d+$/.test(version)) {
  if (version === '--help') {
    process.stdout.write(HELP);
    process.exit(0);
  }
  process.stderr.write('one version is taken, such as 0.1.0 (see --help)\n');
  process.exit(2);
}
const target = join(FIXTURES, version);
if (existsSync(target)) {
  process.stderr.write(`${target} is there already. Remove it first, if it was not released.\n`);
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), 'compatibility-'));
try {
  const directory = join(scratch, 'fixture');
  await writeFixture(join(scratch, 'cluster'), directory);
  mkdirSync(target, { recursive: true });
  cpSync(directory, join(target, MEMBER_DIRECTORY), { recursive: true });
  const contents = await contentsOf({ directory, ...FIXTURE_MEMBER });
  writeFileSync(join(target, CONTENTS_FILE), `${JSON.stringify(contents, undefined, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
