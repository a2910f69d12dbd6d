import { readFile } from 'node:fs/promises';
import type { Checker } from '../checkers/checker.js';
import { keyValueLinearizability } from '../checkers/linearizability/linearizability-checkers.js';
import { JepsenError } from '../errors.js';
import { readHistory } from '../histories/file/read-history.js';
import type { History } from '../histories/history.js';
import { readEdnHistory } from '../logs/edn-history.js';
import { readKeyValueLog } from '../logs/key-value-log.js';
import { readRegisterLog } from '../logs/register-log.js';
import { checkersOfTest } from '../run/checkers-of-test.js';
import { workloadNamed } from '../workloads/known-workloads.js';

/** Logs of other programs, by the names of their formats on the command line. */
const LOG_FORMATS: Readonly<Record<string, (text: string) => History>> = {
  'jepsen-register': readRegisterLog,
  'jepsen-kv': readKeyValueLog,
  edn: readEdnHistory,
};

export const LOG_FORMAT_NAMES: readonly string[] = Object.keys(LOG_FORMATS);

/** The format of this tool's own histories. */
export const OWN_FORMAT = 'history';

/** Of logs of other programs that no workload of this tool makes. */
const KEY_VALUE = 'key-value';

/** @throws JepsenError LOG_INVALID, STORE_FAILED */
export async function readHistoryAs(
  format: string,
  file: string,
  signal: AbortSignal,
  warn: (line: string) => void,
): Promise<History> {
  const read = LOG_FORMATS[format];
  if (read !== undefined) return read(await readText(file, signal));
  const { history, tornLine } = await readHistory(file, signal);
  if (tornLine !== undefined) {
    warn(`its last line was not written to the end, and is left out: ${tornLine.slice(0, 60)}`);
  }
  return history;
}

/** @throws JepsenError HISTORY_INVALID where nothing judges such a history */
export function checkersOf({ header }: History): readonly Checker[] {
  const workload = workloadNamed(header.workload);
  if (workload !== undefined) return checkersOfTest(workload, header);
  if (header.workload === KEY_VALUE) return [keyValueLinearizability];
  throw new JepsenError(
    'HISTORY_INVALID',
    `there is no workload ${header.workload} to judge it by`,
  );
}

async function readText(file: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(file, { encoding: 'utf8', signal });
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new JepsenError('STORE_FAILED', `it can't be read: ${reason}`);
  }
}
