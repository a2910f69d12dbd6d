import { displayMessage } from '../display-names.js';

/** What servers and transports report that is worth a line. */
export type NetworkEvent =
  | { readonly type: 'rejected'; readonly remote: string; readonly reason: string }
  | { readonly type: string; readonly error: unknown };

/** An event in words for people. */
export function networkEventText(
  who: 'client' | 'member' | 'HTTP client',
  event: NetworkEvent,
): string {
  if ('reason' in event) {
    return displayMessage(`turned away a ${who} at ${event.remote}: ${event.reason}`);
  }
  const reason = event.error instanceof Error ? event.error.message : String(event.error);
  return displayMessage(`${event.type} (${who}): ${reason}`);
}
