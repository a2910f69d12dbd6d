import { Command, Option } from 'commander';
import { JepsenError } from '../errors.js';
import { EXPORTS } from '../logs/exports.js';
import { ExitCode } from './exit-code.js';
import { OWN_FORMAT, readHistoryAs } from './history-formats.js';
import { untilInterrupted } from './interruption.js';
import { writeLines } from './output.js';

interface ExportOptions {
  readonly format: string;
  readonly key?: string;
}

/** `jepsen export`. */
export function exportCommand(): Command {
  return new Command('export')
    .description('makes a log for another checker of a history, and prints it')
    .argument('<file>', 'the history')
    .addOption(
      new Option('--format <format>', 'for which checker')
        .choices(Object.keys(EXPORTS))
        .makeOptionMandatory(),
    )
    .option('--key <key>', 'the register, where there are several and the format has one')
    .action(async (file: string, { format, key }: ExportOptions) => {
      await untilInterrupted(async (signal) => {
        const tell = (line: string) => process.stderr.write(`jepsen: ${file}: ${line}\n`);
        const history = await readHistoryAs(OWN_FORMAT, file, signal, tell);
        const lines = EXPORTS[format];
        if (lines === undefined) throw new JepsenError('OPTIONS_INVALID', `no format ${format}`);
        await writeLines(process.stdout, lines(history, key));
      });
      process.exitCode = ExitCode.Valid;
    });
}
