import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { findScripts, type ScriptFile } from './find-scripts.js';
import { describeResult, describeRewrite, resultAsJson, verdictOf } from './report.js';
import { runScript, type ScriptResult } from './run-script.js';
import { withOutputs } from './script-file.js';

const HELP = `Usage: npm run scripts -- DIR... [--exact] [--verbose] [--json] [--rewrite [--yes]]

Runs every script (*.txt) in these folders and those below, or these files, against the core, and
compares what comes of each directive with what the script says: the state of the members (what they
have written, committed and know) and the messages between them. Scripts of pure functions have to
agree to the byte. docs/testing.md tells the format.

  --exact     every character of every script counts
  --verbose   prints each script with the output that we have for it
  --json      prints one JSON object a script, and one with the totals at the end
  --rewrite   shows what would change if scripts said what we do; writes nothing
  --yes       with --rewrite: writes it
  --help      prints this

Exit codes: 0 all states agree; 1 one does not; 2 wrong usage.
`;

interface Arguments {
  readonly files: readonly ScriptFile[];
  readonly exact: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
  readonly rewrite: boolean;
  readonly yes: boolean;
}

function parse(args: readonly string[]): Arguments | string {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      exact: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      rewrite: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { exact, verbose, json, rewrite, yes, help } = values;
  if (help) return HELP;
  if (yes && !rewrite) throw new TypeError('--yes goes with --rewrite');
  if (json && (verbose || rewrite)) throw new TypeError('--json goes with neither of the others');
  if (positionals.length === 0) throw new TypeError('name a folder of scripts (see --help)');
  const files = positionals.flatMap((path) => {
    const found = findScripts(path);
    if (found.length === 0) throw new TypeError(`there is no .txt file in ${path}`);
    return found;
  });
  return { files, exact, verbose, json, rewrite, yes };
}

function main(args: readonly string[]): number {
  let parsed: Arguments | string;
  try {
    parsed = parse(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (typeof parsed === 'string') {
    process.stdout.write(parsed);
    return 0;
  }
  return runAll(parsed);
}

function runAll({ files, exact, ...how }: Arguments): number {
  const total = { scripts: files.length, state: 0, messages: 0 };
  for (const file of files) {
    const result = runScript(file.text, exact);
    const { state, messages } = verdictOf(result);
    if (state) total.state++;
    if (messages) total.messages++;
    show(file, result, how);
    if (how.rewrite) rewrite(file, result, how.yes);
  }
  const { scripts, state, messages } = total;
  const line = `scripts: ${state}/${scripts} state, ${messages}/${scripts} messages`;
  process.stdout.write(`${how.json ? JSON.stringify(total) : line}\n`);
  return state === scripts ? 0 : 1;
}

function show(
  file: ScriptFile,
  result: ScriptResult,
  { json, verbose }: Pick<Arguments, 'json' | 'verbose'>,
): void {
  if (verbose) process.stdout.write(`== ${file.path}\n${ourVersion(file, result)}\n`);
  const text = json ? resultAsJson(file, result) : describeResult(file, result);
  process.stdout.write(`${text}\n`);
}

/** The script as it would be if it said what we do; where it could not be run, as it is. */
function ourVersion({ text }: ScriptFile, { directives, error }: ScriptResult): string {
  if (error !== undefined && directives.length === 0) return text;
  return withOutputs(
    text,
    directives.map(({ output }) => output),
  );
}

function rewrite(file: ScriptFile, result: ScriptResult, yes: boolean): void {
  const changes = describeRewrite(file, result);
  if (changes === '') return;
  process.stdout.write(`\n${changes}\n`);
  if (result.error !== undefined) {
    process.stdout.write(`${file.path} is not written: it does not run to its end\n`);
  } else if (yes) {
    writeFileSync(file.path, ourVersion(file, result));
    process.stdout.write(`${file.path} is written\n`);
  } else {
    process.stdout.write(`${file.path} is not written: say --yes for that\n`);
  }
}

// Who reads the output may stop before its end, as head does.
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.on('error', ignoreClosedPipe);
  process.exitCode = main(process.argv.slice(2));
}
