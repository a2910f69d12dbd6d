/**
 * Runs a measurement as its command line says: `--help` prints `help`; what `parse` throws is wrong
 * usage, one line and exit code 2.
 */
export async function runBench<Options>(
  help: string,
  parse: (args: readonly string[]) => Options,
  run: (options: Options) => Promise<void>,
): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(help);
    return;
  }
  let options: Options;
  try {
    options = parse(args);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message.split('\n')[0]} (see --help)\n`);
    process.exitCode = 2;
    return;
  }
  try {
    await run(options);
  } catch (error) {
    // Who read the figures has gone, as `head` does.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
    process.exitCode = 1;
  }
}

/** Numbers in order, some of which may be left out: those have defaults. Throws a TypeError. */
export function wholeNumbers<Name extends string>(
  args: readonly string[],
  defaults: Readonly<Record<Name, number>>,
): Readonly<Record<Name, number>> {
  const names = Object.keys(defaults) as Name[];
  const numbers: Record<Name, number> = { ...defaults };
  for (const [at, text] of args.entries()) {
    const name = names[at];
    if (name === undefined) throw new TypeError(`at most ${names.length} numbers are taken`);
    numbers[name] = wholeNumber(name, text, 1, Number.MAX_SAFE_INTEGER);
  }
  return numbers;
}

/** Throws a TypeError that says what `name` takes. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new TypeError(`${name} takes a whole number from ${least} to ${most}, not "${text}"`);
}

/** Fractions, too. */
export function seconds(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= MAX_SECONDS) return value;
  throw new TypeError(`${name} takes seconds from ${least} to ${MAX_SECONDS}, not "${text}"`);
}

const MAX_SECONDS = 86_400;
