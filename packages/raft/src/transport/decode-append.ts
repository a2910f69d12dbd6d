import { type Entry, isEntryType, type MemberId } from '../core/log/entry.js';
import type { AppendRequest, AppendResponse } from '../core/message.js';
import { fields, flag, invalid, shown, whole } from './message-fields.js';

/** Values per entry in an append: term, type, data. Its index follows from its place. */
const ENTRY_FIELDS = 3;

/**
 * The entries' data are copies, all of one append in one block of exactly their size: entries stay
 * in memory for long, and a view would keep alive the whole chunk that it came in from the network,
 * with everything else that was in it.
 */
export function decodeAppend(value: unknown, from: MemberId, to: MemberId): AppendRequest {
  const [, termField, heard, prevIndexField, prevTermField, commit, packed] = fields(
    value,
    7,
    'append',
  );
  const term = whole(termField, 'term');
  const prevIndex = whole(prevIndexField, 'prevIndex');
  const prevTerm = whole(prevTermField, 'prevTerm');
  if (prevTerm > term) throw invalid(`prevTerm ${prevTerm} is above the term ${term}`);
  return {
    type: 'append',
    from,
    to,
    term,
    heard: flag(heard, 'heard'),
    prevIndex,
    prevTerm,
    commit: whole(commit, 'commit'),
    entries: decodeEntries(packed, prevIndex, prevTerm, term),
  };
}

function decodeEntries(
  packed: unknown,
  prevIndex: number,
  prevTerm: number,
  leaderTerm: number,
): Entry[] {
  if (!Array.isArray(packed) || packed.length % ENTRY_FIELDS !== 0) {
    throw invalid('the entries of an append are no list of triples');
  }
  const count = packed.length / ENTRY_FIELDS;
  whole(prevIndex + count, 'the last index');
  let bytes = 0;
  for (let i = ENTRY_FIELDS - 1; i < packed.length; i += ENTRY_FIELDS) {
    const data: unknown = packed[i];
    if (!(data instanceof Uint8Array)) throw invalid('the data of an entry are no bytes');
    bytes += data.byteLength;
  }
  const block = Buffer.allocUnsafeSlow(bytes);
  const entries: Entry[] = [];
  let position = 0;
  let lastTerm = prevTerm;
  for (let i = 0; i < packed.length; i += ENTRY_FIELDS) {
    const term = whole(packed[i], 'the term of an entry');
    if (term < Math.max(lastTerm, 1) || term > leaderTerm) {
      throw invalid(`an entry of term ${term} behind one of ${lastTerm}, from term ${leaderTerm}`);
    }
    lastTerm = term;
    const type: unknown = packed[i + 1];
    if (!isEntryType(type)) throw invalid(`entries of type ${shown(type)} are unknown`);
    const source = packed[i + 2] as Uint8Array;
    block.set(source, position);
    const data = block.subarray(position, position + source.byteLength);
    position += source.byteLength;
    entries.push({ index: prevIndex + entries.length + 1, term, type, data });
  }
  return entries;
}

export function decodeAppendResponse(value: unknown, from: MemberId, to: MemberId): AppendResponse {
  const type = 'append-response';
  const [, term, index, rejected, hintIndex, hintTerm, recovery] = fields(value, 7, type);
  return {
    type,
    from,
    to,
    term: whole(term, 'term'),
    index: whole(index, 'index'),
    rejected: flag(rejected, 'rejected'),
    hintIndex: whole(hintIndex, 'hintIndex'),
    hintTerm: whole(hintTerm, 'hintTerm'),
    recovery: whole(recovery, 'recovery'),
  };
}
