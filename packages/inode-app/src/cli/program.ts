import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { clusterCommand } from './cluster/cluster-command.js';
import { EXIT_CODE_HELP, ExitCode } from './exit-code.js';
import { changeCommands } from './fs/change-commands.js';
import { contentCommands } from './fs/content-commands.js';
import { readCommands } from './fs/read-commands.js';
import { loadCommand } from './load/load-command.js';
import { masterCommand } from './master-command.js';
import { membersCommand } from './members-command.js';
import { locksCommand } from './mounts/locks-command.js';
import { mountCommand, unmountCommand } from './mounts/mount-command.js';
import { mountsCommand } from './mounts/mounts-command.js';
import { syncCommand } from './mounts/sync-command.js';
import { recoverCommand } from './recover-command.js';
import { errorText } from './report.js';
import { sessionsCommand } from './sessions-command.js';
import { backupCommand } from './state/backup-command.js';
import { fsckCommand } from './state/fsck-command.js';
import { inspectCommand } from './state/inspect-command.js';
import { restoreCommand } from './state/restore-command.js';
import { statusCommand } from './status-command.js';
import { usageText } from './usage-error.js';

/** The command line of inode-app. */
function program(): Command {
  const fs = new Command('fs').description('work with the tree of a running cluster');
  for (const command of [...readCommands(), ...changeCommands(), ...contentCommands()])
    fs.addCommand(command);
  const inodeApp = new Command('inode-app')
    .description('a replicated file-system namespace: run it, fill it, look into it')
    .version(version(), '-V, --version')
    .addCommand(clusterCommand())
    .addCommand(masterCommand())
    .addCommand(loadCommand())
    .addCommand(fs)
    .addCommand(mountCommand())
    .addCommand(unmountCommand())
    .addCommand(mountsCommand())
    .addCommand(syncCommand())
    .addCommand(locksCommand())
    .addCommand(statusCommand())
    .addCommand(membersCommand())
    .addCommand(sessionsCommand())
    .addCommand(recoverCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(inspectCommand())
    .addCommand(fsckCommand());
  for (const command of withSubcommands(inodeApp)) {
    // Help has no letter: -h among others, as in `rm -rh`, must not end a command with success.
    command.helpOption('--help', 'this text');
    command.showSuggestionAfterError(false).addHelpText('after', EXIT_CODE_HELP);
    command.exitOverride((error) => {
      const { exitCode, code } = error;
      throw exitCode === 0 ? error : new CommanderError(exitCode, code, usageText(command, error));
    });
    // Errors are said below, in one line; what goes to standard error otherwise is help.
    command.configureOutput({ outputError: () => {} });
  }
  return inodeApp;
}

/** Runs a command line; sets the process's exit code. Every error is one line. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      process.stderr.write(`inode-app: ${errorText(error)}\n`);
      process.exitCode = ExitCode.Refused;
    } else if (error.exitCode !== 0) {
      // Without a command the help was shown; there is nothing to add.
      if (error.code !== 'commander.help') {
        process.stderr.write(`inode-app: ${error.message}\n`);
      }
      process.exitCode = ExitCode.Usage;
    }
  }
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
