import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HELP, parseOptions, type TormentOptions } from './options.js';
import { torment } from './torment.js';

async function main(args: readonly string[]): Promise<number> {
  let options: TormentOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const tell = (line: string) => {
    if (!options.json) process.stdout.write(`${line}\n`);
  };
  tell(`seed ${options.seed}`);
  const directory = await mkdtemp(join(tmpdir(), 'torment-'));
  try {
    const report = await torment(options, directory, tell);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    if (report.faults.length > 0) tell(`what the masters hold is left in ${directory}`);
    else await rm(directory, { recursive: true });
    return report.faults.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`what the masters hold is left in ${directory}\n`);
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
