import { execFile } from 'node:child_process';
import { JepsenError } from '../errors.js';

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs a program of the machine's to its end, and gives what it printed. Rejects with CLUSTER_FAILED. */
export function runHostCommand(file: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const reason = stderr.trim() === '' ? error.message : stderr.trim();
      reject(new JepsenError('CLUSTER_FAILED', `${[file, ...args].join(' ')}: ${reason}`));
    });
  });
}

/** The reason why it can't be had; undefined where it ran. */
export async function hostCommandProblem(
  file: string,
  ...args: readonly string[]
): Promise<string | undefined> {
  try {
    await runHostCommand(file, ...args);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
