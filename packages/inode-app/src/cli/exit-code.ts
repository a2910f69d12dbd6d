import { InodeAppError } from '../errors.js';

/** How a command ends; docs/cli.md and `--help` list them. */
export const ExitCode = {
  Ok: 0,
  /** The tree refused at least one operation, or an input could not be read. */
  Refused: 1,
  /** An argument or option was wrong; nothing was done. */
  Usage: 2,
  /** The cluster did not answer in time; nothing was changed. */
  Unavailable: 3,
  /** A change was sent and no answer came: it may or may not have taken effect. */
  OutcomeUnknown: 4,
  /** `fsck` found something wrong. */
  Unsound: 5,
  /** Ended by Ctrl-C. */
  Interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export const EXIT_CODE_HELP = `
Exit codes:
  0  everything was done
  1  something was refused (such as NOT_FOUND) or could not be read; the rest was done
  2  an argument or option is wrong; nothing was done
  3  the cluster did not answer in time; nothing was changed
  4  a change was sent but not answered: it may or may not have taken effect
  5  fsck found something wrong
  130  interrupted by Ctrl-C
`;

/** What is wrong whatever the tree holds. */
const USAGE: ReadonlySet<string> = new Set([
  'ARGUMENT_INVALID',
  'PATH_INVALID',
  'NAME_TOO_LONG',
  'PATH_TOO_LONG',
]);

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof InodeAppError)) return ExitCode.Refused;
  if (error.outcome === 'unknown') return ExitCode.OutcomeUnknown;
  if (USAGE.has(error.code)) return ExitCode.Usage;
  if (error.code === 'UNAVAILABLE') return ExitCode.Unavailable;
  return ExitCode.Refused;
}

/** The code that says most when several things went wrong: unknown, then unavailable, then refused. */
export function worseExitCode(one: ExitCode, other: ExitCode): ExitCode {
  return one > other ? one : other;
}
