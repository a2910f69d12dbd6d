import { displayMessage } from '../display-names.js';
import { InodeAppError } from '../errors.js';
import { ExitCode, exitCodeOf, worseExitCode } from './exit-code.js';
import { OutputClosed } from './output.js';

/** Says what went wrong, a line each, and remembers how the command has to end. */
export class Report {
  exitCode: ExitCode = 0;
  readonly #write: (line: string) => void;
  readonly #json: boolean;

  constructor(write: (line: string) => void, json: boolean) {
    this.#write = write;
    this.#json = json;
  }

  /** Notes an error. That nobody reads the output any more is none. */
  error(error: unknown): void {
    if (!(error instanceof OutputClosed)) this.#note(error, exitCodeOf(error));
  }

  /** Notes that one thing of several was refused, for whatever reason; the rest is done. */
  refusal(error: InodeAppError): void {
    this.#note(error, ExitCode.Refused);
  }

  #note(error: unknown, code: ExitCode): void {
    this.exitCode = worseExitCode(this.exitCode, code);
    this.#write(this.#json ? jsonError(error) : `inode-app: ${errorText(error)}${advice(error)}`);
  }
}

/**
 * Runs a command: its exit code is what `work` gives, or what went wrong, which is said on standard
 * error. `explained` tells what an error means.
 */
export async function reporting(
  json: boolean | undefined,
  work: (report: Report) => Promise<ExitCode>,
  explained: (error: unknown) => unknown = (error) => error,
): Promise<void> {
  const report = new Report((line) => process.stderr.write(`${line}\n`), json === true);
  try {
    const code = await work(report);
    process.exitCode = report.exitCode === ExitCode.Ok ? code : report.exitCode;
  } catch (error) {
    report.error(explained(error));
    process.exitCode = report.exitCode;
  }
}

function advice(error: unknown): string {
  if (!(error instanceof InodeAppError) || error.code !== 'UNAVAILABLE') return '';
  return '. Do the members run, and are these their addresses? See inode-app status, --addresses';
}

/** An error as one line. */
export function errorText(error: unknown): string {
  return displayMessage(error instanceof Error ? error.message : String(error));
}

function jsonError(error: unknown): string {
  const known = error instanceof InodeAppError ? error : undefined;
  return JSON.stringify({
    error: known?.code ?? 'FAILED',
    message: error instanceof Error ? error.message : String(error),
    // What is no error of ours, such as a full disk behind the output, tells nothing of the change.
    outcome: known?.outcome ?? 'unknown',
    ...(known?.path === undefined ? {} : { path: known.path }),
  });
}
