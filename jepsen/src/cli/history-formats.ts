import { readFile } from 'node:fs/promises';
import type { Checker } from '../checkers/checker.js';
import {
  keyValueLinearizability,
  registerLinearizability,
} from '../checkers/linearizability/linearizability-checkers.js';
import { JepsenError } from '../errors.js';
import { readHistory } from '../histories/file/read-history.js';
import type { History } from '../histories/history.js';
import { readEdnHistory } from '../logs/edn-history.js';
import { readKeyValueLog } from '../logs/key-value-log.js';
import { readRegisterLog } from '../logs/register-log.js';

/** Logs of other programs, by the names of their formats on the command line. */
const LOG_FORMATS: Readonly<Record<string, (text: string) => History>> = {
  'jepsen-register': readRegisterLog,
  'jepsen-kv': readKeyValueLog,
  edn: readEdnHistory,
};

export const LOG_FORMAT_NAMES: readonly string[] = Object.keys(LOG_FORMATS);

/** The format of this tool's own histories. */
export const OWN_FORMAT = 'history';

/** Judges histories by their workloads' names. */
const CHECKERS: Readonly<Record<string, readonly Checker[]>> = {
  register: [registerLinearizability],
  'key-value': [keyValueLinearizability],
};

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
export function checkersOf({ header: { workload } }: History): readonly Checker[] {
  const checkers = CHECKERS[workload];
  if (checkers !== undefined) return checkers;
  throw new JepsenError('HISTORY_INVALID', `there is no workload ${workload} to judge it by`);
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
