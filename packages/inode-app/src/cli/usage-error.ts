import type { Command, CommanderError } from 'commander';
import { errorText } from './report.js';

/** What was typed wrongly for a command, in one line that names the help to read. */
export function usageText(command: Command, error: CommanderError): string {
  const { parent } = command;
  const word = parent === null ? undefined : wordOfNoCommand(command, parent);
  const isCommand = parent?.commands.some((each) => each.name() === word) === true;
  // A default command that takes arguments may have got one of its own.
  const isArgument = !isCommand && command.registeredArguments.length > 0;
  if (parent === null || word === undefined || isArgument) {
    return `${errorText(error).replace(/^error: |\.$/g, '')}${seeHelp(command)}`;
  }
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
