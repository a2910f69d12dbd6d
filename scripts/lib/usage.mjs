/**
 * Of a command that takes no arguments: `--help` says what it does, anything else is wrong usage.
 *
 * @param {string} name as it is typed
 * @param {string} does
 * @param {readonly string[]} args
 * @returns {number | undefined} the exit code, when there is nothing to do but that
 */
export function usageOnly(name, does, args) {
  if (args.length === 0) return undefined;
  if (args.includes('--help')) {
    process.stdout.write(`Usage: ${name}\n\n${does}\n`);
    return 0;
  }
  process.stderr.write(`${name} takes no arguments, such as ${args[0]} (see --help)\n`);
  return 2;
}
