// node scripts/run.mjs PROGRAM [ARGUMENT...]: prepares the checkout, then becomes PROGRAM, a
// module of it. In the same process, so that signals and exit codes are the program's own.
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dropRepeatedSignals } from './lib/repeated-signals.mjs';
import { root } from './lib/root.mjs';
import { prepare } from './prepare.mjs';

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write('Usage: node scripts/run.mjs PROGRAM [ARGUMENT...]\n');
  process.exit(2);
}
if (process.env.npm_lifecycle_event !== undefined) dropRepeatedSignals(process);
if (!(await prepare())) process.exit(1);
process.argv = [process.execPath, join(root, program), ...args];
await import(pathToFileURL(resolve(root, program)).href);
