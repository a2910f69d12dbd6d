import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

const STANDARD_STREAMS = [0, 1, 2];
/** Of SIGHUP in the masks of signals that Linux shows. */
const HANGUP_BIT = 1n;

/**
 * Whether SIGHUP is to be ignored. Node sets a signal that was ignored when it was started, as by
 * nohup, back to its default, and nothing tells any more. But nohup leaves no terminal among the
 * standard streams, and without one there is nothing that could hang up; and a shell that ignores
 * the signal for its children ignores it itself.
 */
export const ignoresHangup: boolean = !STANDARD_STREAMS.some(isatty) || parentIgnoresHangup();

/** Keeps this process alive at a SIGHUP that is to be ignored. */
export function keepHangupIgnored(): void {
  if (ignoresHangup) process.on('SIGHUP', () => {});
}

function parentIgnoresHangup(): boolean {
  try {
    const status = readFileSync(`/proc/${process.ppid}/status`, 'utf8');
    const [, ignored = '0'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status) ?? [];
    return (BigInt(`0x${ignored}`) & HANGUP_BIT) !== 0n;
  } catch {
    return false;
  }
}
