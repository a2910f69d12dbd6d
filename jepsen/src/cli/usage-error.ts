import type { Command } from 'commander';

/** The name of a command as it is typed: `jepsen check`. */
function fullNameOf(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${fullNameOf(parent)} ${command.name()}`;
}

/** What was typed wrongly for a command, in one line that names the help to read. */
export function usageText(command: Command, message: string): string {
  const reason = message.replace(/^error: /, '').replace(/\.$/, '');
  return `${reason}. See ${fullNameOf(command)} --help`;
}
