import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentsOf } from './contents.js';
import { FIXTURES, KEPT, type Kept } from './fixtures.js';
import { inMemoryContentsOf, writeInMemoryFixture } from './in-memory-fixture.js';
import { FIXTURE_MEMBER, writeFixture } from './write-fixture.js';

const HELP = `Usage: npm run compatibility -- VERSION

Writes test/compatibility/fixtures/VERSION: data directories of a master and of a member with its state
in memory, as this checkout writes them, and what they hold. Run it when VERSION is released, commit what it writes, and never change it
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
/** Keeps the directory before it is looked at, which changes files. */
const keep = async (
  { directory: name, contents }: Kept,
  look: (from: string) => Promise<object>,
) => {
  const directory = join(scratch, name);
  cpSync(directory, join(target, name), { recursive: true });
  const found = await look(directory);
  writeFileSync(join(target, contents), `${JSON.stringify(found, undefined, 2)}\n`);
};
try {
  await writeFixture(join(scratch, 'cluster'), join(scratch, KEPT.tree.directory));
  await writeInMemoryFixture(join(scratch, 'alone'), join(scratch, KEPT.inMemory.directory));
  mkdirSync(target, { recursive: true });
  await keep(KEPT.tree, (directory) => contentsOf({ directory, ...FIXTURE_MEMBER }));
  await keep(KEPT.inMemory, inMemoryContentsOf);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
