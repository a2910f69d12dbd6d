import { type Entry, EntryType } from 'raft-ts';
import { decodeMembershipRecord } from 'raft-ts/core';

const TYPES = {
  [EntryType.Empty]: 'empty',
  [EntryType.Command]: 'command',
  [EntryType.Membership]: 'membership',
} as const;

/** An entry of a log as `inspect` shows it. */
export interface InspectedEntry {
  readonly index: number;
  readonly term: number;
  readonly type: (typeof TYPES)[EntryType];
  /** Of its payload. */
  readonly bytes: number;
  /** What a membership entry says. */
  readonly record?: unknown;
}

/** With the line for people. */
export function entryOf({
  index,
  term,
  type,
  data,
}: Entry): InspectedEntry & { readonly text: string } {
  const record = type === EntryType.Membership ? decodeMembershipRecord(data) : undefined;
  const bytes = data.byteLength;
  const entry = { index, term, type: TYPES[type], bytes };
  const said = record === undefined ? '' : ` ${JSON.stringify(record)}`;
  const text = `${index} term ${term} ${entry.type} ${bytes} bytes${said}`;
  return { ...entry, ...(record === undefined ? {} : { record }), text };
}
