import { shown } from './shown.js';
import { unknownNames } from './unknown-names.js';

/**
 * Whether a value is what a field takes; if not, a line that begins with `field`, its path such as
 * `raft.electionTicks`, and says what is taken goes to `problems`.
 */
export type OptionCheck<T> = (value: unknown, field: string, problems: string[]) => value is T;

/** What an options object holds: the compiler asks for each of its fields. */
export interface OptionsForm<Options extends object, Defaults extends Partial<Options>> {
  readonly fields: {
    readonly [Name in keyof Required<Options>]: OptionCheck<Options[Name]>;
  };
  /** Of fields that need not be given. */
  readonly defaults: Defaults;
  /** What is wrong with fields together, once each is right: lines that begin with a field's name. */
  readonly rules?: (options: Options & Defaults) => readonly string[];
}

/**
 * `given` with the defaults of what is not, which is what is undefined, too. What does not fit is told
 * all at once, in one message, to `refused`, whose error is thrown; so are names that no field has.
 */
export function completeOptions<Options extends object, Defaults extends Partial<Options>>(
  form: OptionsForm<Options, Defaults>,
  given: Options,
  refused: (message: string) => Error,
): Options & Defaults {
  const problems: string[] = [];
  const complete = withDefaults(form.defaults, given, 'options', problems);
  if (isComplete(form, complete, '', problems)) return complete;
  throw refused(problems.join('; '));
}

/** An options object within another one. */
export function nested<Options extends object, Defaults extends Partial<Options>>(
  form: OptionsForm<Options, Defaults>,
): OptionCheck<Options> {
  return (value, field, problems): value is Options =>
    isComplete(form, withDefaults(form.defaults, value, field, problems), `${field}.`, problems);
}

/** Undefined when `given` can't hold options. */
function withDefaults(
  defaults: object,
  given: unknown,
  what: string,
  problems: string[],
): object | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    problems.push(`${what} must be an object, not ${shown(given)}`);
    return undefined;
  }
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...Object.entries(defaults), ...named]);
}

function isComplete<Options extends object, Defaults extends Partial<Options>>(
  { fields, rules }: OptionsForm<Options, Defaults>,
  complete: object | undefined,
  path: string,
  problems: string[],
): complete is Options & Defaults {
  if (complete === undefined) return false;
  const before = problems.length;
  const names = Object.keys(fields);
  problems.push(...unknownNames(complete, names, path));
  for (const name of names as (string & keyof Options)[]) {
    fields[name](Reflect.get(complete, name), `${path}${name}`, problems);
  }
  if (problems.length > before) return false;
  const broken = rules?.(complete as Options & Defaults) ?? [];
  problems.push(...broken.map((rule) => `${path}${rule}`));
  return broken.length === 0;
}
