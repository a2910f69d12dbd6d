/** A message as it was printed, on one line. */
export interface ReadMessage {
  /** Without what is a matter of taste: hints, and what a thread will answer. */
  readonly text: string;
  readonly dropped: boolean;
  /** Told to one of the sender's own threads. */
  readonly toThread: boolean;
  /** Where the next thing begins. */
  readonly next: number;
}

const DROPPED = 'dropped: ';
const MESSAGE = /^(dropped: )?\w+->(\w+) Msg\w+ /;

export function startsMessage(line: string): boolean {
  return MESSAGE.test(line);
}

/** Reads the message that begins at line `at`, with its entries, state and responses below it. */
export function readMessage(lines: readonly string[], at: number): ReadMessage {
  const [, dropped, to = ''] = MESSAGE.exec(lines[at] ?? '') ?? [];
  let text = (lines[at] ?? '').slice(dropped === undefined ? 0 : DROPPED.length);
  let next = at + 1;
  if (text.endsWith('Entries:[')) {
    const end = endOfList(lines, next);
    text += lines.slice(next, end).join(', ') + (lines[end] ?? ']');
    next = end + 1;
  }
  if (lines[next]?.startsWith('Snapshot: ')) text += ` ${lines[next++]}`;
  const responses = /\s*Responses:\[$/;
  if (responses.test(text)) {
    text = text.replace(responses, '');
    next = behindResponses(lines, next);
  }
  return {
    text: plain(text),
    dropped: dropped !== undefined,
    toThread: to === 'AppendThread' || to === 'ApplyThread',
    next,
  };
}

/** The line that closes a list of entries; it may go on with responses. */
function endOfList(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && !lines[at]?.startsWith(']')) at++;
  return at;
}

function behindResponses(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at] !== ']') {
    at = startsMessage(lines[at] ?? '') ? readMessage(lines, at).next : at + 1;
  }
  return at + 1;
}

function plain(text: string): string {
  return (
    text
      .replace(/ \(Hint: \d+\)/, '')
      // An answer to an old term tells the new one, and neither accepts nor refuses anything.
      .replace(/(MsgAppResp Term:\d+ Log:0\/0) Rejected/, '$1')
      .replaceAll(/EntryConfChange(?=[ \],]|$)/g, 'EntryConfChangeV2')
      .replaceAll(/\s+(?=[\],])/g, '')
  );
}
