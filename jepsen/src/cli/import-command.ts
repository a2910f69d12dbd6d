import { Command, Option } from 'commander';
import { JepsenError } from '../errors.js';
import { lineOf } from '../histories/history-lines.js';
import { ExitCode } from './exit-code.js';
import { LOG_FORMAT_NAMES, readHistoryAs } from './history-formats.js';
import { untilInterrupted } from './interruption.js';
import { writeLines } from './output.js';

/** `jepsen import`. */
export function importCommand(): Command {
  return new Command('import')
    .description("makes a history of another program's log, and prints it")
    .argument('<file>', 'the log')
    .addOption(
      new Option('--format <format>', 'what the log is')
        .choices(LOG_FORMAT_NAMES)
        .makeOptionMandatory(),
    )
    .action(async (file: string, { format }: { readonly format: string }) => {
      await untilInterrupted(async (signal) => {
        const { header, events } = await readHistoryAs(format, file, signal, () => {}).catch(
          (error: unknown) => {
            if (!(error instanceof JepsenError)) throw error;
            throw new JepsenError(error.code, `${file}: ${error.message}`);
          },
        );
        const lines = [header, ...events].map((value) => lineOf(value).trimEnd());
        await writeLines(process.stdout, lines);
      });
      process.exitCode = ExitCode.Valid;
    });
}
