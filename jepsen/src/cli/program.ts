import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { checkCommand } from './check-command.js';
import { EXIT_CODE_HELP, ExitCode } from './exit-code.js';
import { exportCommand } from './export-command.js';
import { importCommand } from './import-command.js';
import { listCommand } from './list-command.js';
import { matrixCommand } from './matrix-command.js';
import { printable } from './output.js';
import { selftestCommand } from './selftest-command.js';
import { serveCommand } from './serve-command.js';
import { testCommand } from './test-command.js';
import { usageText } from './usage-error.js';

/** The command line of jepsen. Each command sets the process's exit code itself. */
function program(): Command {
  const jepsen = new Command('jepsen')
    .description('torments clusters of real processes, and judges what they kept')
    .version(version(), '-V, --version')
    .addCommand(testCommand())
    .addCommand(matrixCommand())
    .addCommand(selftestCommand())
    .addCommand(listCommand())
    .addCommand(checkCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(serveCommand());
  for (const command of [jepsen, ...jepsen.commands]) {
    command.helpOption('--help', 'this text');
    command.showSuggestionAfterError(false).addHelpText('after', EXIT_CODE_HELP);
    command.exitOverride(({ exitCode, code, message }) => {
      throw new CommanderError(exitCode, code, exitCode === 0 ? '' : usageText(command, message));
    });
    // Errors are said below, in one line.
    command.configureOutput({ outputError: () => {} });
  }
  return jepsen;
}

/** Runs a command line; sets the process's exit code. Every error is one line on standard error. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) fail(error instanceof Error ? error.message : error);
    else if (error.exitCode === 0) return;
    // Without a command the help was shown; there is nothing to add.
    else if (error.code === 'commander.help') process.exitCode = ExitCode.Failed;
    else fail(error.message);
  }
}

function fail(reason: unknown): void {
  process.stderr.write(printable(`jepsen: ${reason}\n`));
  process.exitCode = ExitCode.Failed;
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return /"version": "([^"]+)"/.exec(manifest)?.[1] ?? 'unknown';
}
