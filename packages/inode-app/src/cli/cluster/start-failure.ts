import { displayMessage } from '../../display-names.js';
import { InodeAppError } from '../../errors.js';

const CHOOSE_DATA = 'Choose another directory with --data.';

/** A member's reason not to start, with the option that helps: one line. */
export function startFailure(error: unknown, id: number, dataDirectory: string): InodeAppError {
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof InodeAppError ? error.code : 'MEMBER_FAILED';
  return new InodeAppError(code, explain(code, reason, id, displayMessage(dataDirectory)), {
    cause: error,
  });
}

function explain(code: string, reason: string, id: number, data: string): string {
  switch (code) {
    case 'ADDRESS_UNUSABLE': {
      const option = reason.includes('for clients')
        ? '--client-port'
        : reason.includes('for HTTP')
          ? '--http-port'
          : '--member-port';
      return `Member ${id}: ${sentence(reason)} Choose other ports with ${option}.`;
    }
    case 'DATA_LOCKED':
      return `${data} is in use: another cluster runs on it, or member ${id}, started by hand. Stop that, or choose another directory with --data.`;
    case 'DATA_FOREIGN':
    case 'DATA_UNWRITABLE':
    case 'DISK_FULL':
      return `${sentence(reason)} ${reason.includes('another data directory') ? '' : CHOOSE_DATA}`.trim();
    default:
      return `Member ${id} does not start: ${sentence(reason)}`;
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
