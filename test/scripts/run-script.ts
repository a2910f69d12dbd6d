import { compare, compareText, type Difference } from './comparison.js';
import { type Command, ScriptError } from './directive.js';
import { GroupScript } from './group/group-script.js';
import { ConfigurationScript } from './pure/configuration-script.js';
import { QuorumScript } from './pure/quorum-script.js';
import { type Directive, parseScript } from './script-file.js';

/** One directive, what came of it, and where that is not as it should be. */
export interface DirectiveResult {
  readonly directive: Directive;
  readonly output: string;
  readonly differences: readonly Difference[];
}

export interface ScriptResult {
  readonly directives: readonly DirectiveResult[];
  /** Why the script could not be run to its end, with the line; undefined when it was. */
  readonly error: string | undefined;
}

interface Runner {
  run(command: Command): string;
}

const RUNNERS = [GroupScript, QuorumScript, ConfigurationScript];

/** Runs a script against the core, each time anew. `exact`: every character counts, in all files. */
export function runScript(text: string, exact: boolean): ScriptResult {
  const directives: DirectiveResult[] = [];
  let line = 1;
  try {
    const script = parseScript(text);
    const [first] = script;
    if (first === undefined) throw new ScriptError('there is no directive in it');
    line = first.line;
    const runner = runnerOf(first);
    const isExact = exact || !(runner instanceof GroupScript);
    for (const directive of script) {
      line = directive.line;
      const output = runner.run(directive);
      const differences = [
        ...compare(directive, output),
        ...(isExact ? compareText(directive, output) : []),
      ];
      directives.push({ directive, output, differences });
    }
  } catch (error) {
    return { directives, error: `line ${line}: ${describeError(error)}` };
  }
  return { directives, error: undefined };
}

/** What a script is about, its first directive tells. */
function runnerOf({ name }: Command): Runner {
  const Runner = RUNNERS.find(({ commands }) => commands.includes(name));
  if (Runner === undefined) throw new ScriptError(`there is no command ${name}`);
  return new Runner();
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
