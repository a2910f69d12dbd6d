import type { Verdict } from '../checkers/checker.js';

/** How a command ends; `--help` lists them. */
export const ExitCode = {
  Valid: 0,
  /** At least one history violates what it was checked against. */
  Violation: 1,
  /** No violation was found, and at least one checker gave up. */
  Unknown: 2,
  /** The tool could not do its work, or was called wrongly. */
  Failed: 3,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export const EXIT_CODE_HELP = `
Exit codes:
  0  valid: everything was done, and no violation was found
  1  at least one violation was found
  2  unknown: a checker reached a limit, and no violation was found
  3  a file could not be read, a test could not be carried out, or an argument is wrong
`;

const OF_VERDICTS: Readonly<Record<Verdict, ExitCode>> = {
  valid: ExitCode.Valid,
  unknown: ExitCode.Unknown,
  invalid: ExitCode.Violation,
};

export function exitCodeOf(verdict: Verdict): ExitCode {
  return OF_VERDICTS[verdict];
}

/** From the one that says most: a violation, then a failure, then unknown. */
const BY_WEIGHT: readonly ExitCode[] = [
  ExitCode.Violation,
  ExitCode.Failed,
  ExitCode.Unknown,
  ExitCode.Valid,
];

/** The exit code of several things that were done: a violation outweighs what failed beside it. */
export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  return BY_WEIGHT.find((code) => codes.includes(code)) ?? ExitCode.Valid;
}
