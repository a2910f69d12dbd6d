import type { Command, CommanderError } from 'commander';
import { errorText } from './report.js';

/** What was typed wrongly for a command, in one line that names the help to read. */
export function usageText(command: Command, error: CommanderError): string {
  const { parent } = command;
  const word = parent === null ? undefined : wordOfNoCommand(command, parent);
  if (parent === null || word === undefined) {
    return `${errorText(error).replace(/^error: |\.$/g, '')}${seeHelp(command)}`;
  }
  const isCommand = parent.commands.some((each) => each.name() === word);
  const reason = isCommand ? `options come behind '${word}'` : `unknown command '${word}'`;
  return `${errorText(reason)}${seeHelp(parent)}`;
}

/** The word that the default command got, which stands in where none is named. */
function wordOfNoCommand(command: Command, parent: Command): string | undefined {
  const [word] = command.args;
  return parent.args[0] === command.name() || word?.startsWith('-') ? undefined : word;
}

function seeHelp(command: Command): string {
  const names: string[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent) {
    names.unshift(each.name());
  }
  return `. See ${names.join(' ')} --help`;
}
