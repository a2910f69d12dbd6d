import { NEMESIS } from '../../histories/history-event.js';
import type { Checker } from '../checker.js';
import { linearTimeChecker, shown } from '../violations.js';

/**
 * Judges the codes of the errors with which clients' calls ended.
 *
 * Proves that each of them is documented. Cannot see whether it was the right one.
 *
 * @param documented by the system under test
 */
export function errorCodeChecker(documented: ReadonlySet<string>): Checker {
  return linearTimeChecker(
    'error codes',
    'every error that a client saw is one that the system documents',
    ({ events }, violations) => {
      const codes: Record<string, number> = {};
      for (const event of events) {
        if (event.process === NEMESIS || (event.type !== 'fail' && event.type !== 'info')) continue;
        const { code, message } = event.error;
        const count = (codes[code] ?? 0) + 1;
        codes[code] = count;
        if (count > 1 || documented.has(code)) continue;
        violations.add(
          [
            `A call ended at ${violations.moment(event.index)} with the error ${shown(code)}, which is not documented: ${message}`,
          ],
          [event.call],
        );
      }
      return { codes };
    },
  );
}
