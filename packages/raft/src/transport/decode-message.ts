import type { MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { decodeAppend } from './decode-append.js';
import { fields, flag, invalid, shown, whole } from './message-fields.js';
import { MessageType } from './message-type.js';

/** Reads one message as `encodeMessage` made it. Throws MESSAGE_INVALID. */
export function decodeMessage(value: unknown, from: MemberId, to: MemberId): Message {
  if (!Array.isArray(value)) throw invalid('a message is no array');
  switch (value[0]) {
    case MessageType.vote: {
      const [, term, heard, preVote, transfer, lastIndex, lastTerm, commit, commitTerm] = fields(
        value,
        9,
        'vote',
      );
      return {
        type: 'vote',
        from,
        to,
        term: whole(term, 'term'),
        heard: flag(heard, 'heard'),
        preVote: flag(preVote, 'preVote'),
        transfer: flag(transfer, 'transfer'),
        lastIndex: whole(lastIndex, 'lastIndex'),
        lastTerm: whole(lastTerm, 'lastTerm'),
        commit: whole(commit, 'commit'),
        commitTerm: whole(commitTerm, 'commitTerm'),
      };
    }
    case MessageType['vote-response']: {
      const [, term, preVote, granted, commit, commitTerm] = fields(value, 6, 'vote-response');
      return {
        type: 'vote-response',
        from,
        to,
        term: whole(term, 'term'),
        preVote: flag(preVote, 'preVote'),
        granted: flag(granted, 'granted'),
        commit: whole(commit, 'commit'),
        commitTerm: whole(commitTerm, 'commitTerm'),
      };
    }
    case MessageType.append:
      return decodeAppend(value, from, to);
    case MessageType['append-response']: {
      const [, term, index, rejected, hintIndex, hintTerm, recovery] = fields(
        value,
        7,
        'append-response',
      );
      return {
        type: 'append-response',
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
    case MessageType.heartbeat: {
      const [, term, heard, commit, commitTerm, round] = fields(value, 6, 'heartbeat');
      return {
        type: 'heartbeat',
        from,
        to,
        term: whole(term, 'term'),
        heard: flag(heard, 'heard'),
        commit: whole(commit, 'commit'),
        commitTerm: whole(commitTerm, 'commitTerm'),
        round: whole(round, 'round'),
      };
    }
    case MessageType['heartbeat-response']: {
      const [, term, round, recovery] = fields(value, 4, 'heartbeat-response');
      return {
        type: 'heartbeat-response',
        from,
        to,
        term: whole(term, 'term'),
        round: whole(round, 'round'),
        recovery: whole(recovery, 'recovery'),
      };
    }
    default:
      return decodeRareMessage(value, from, to);
  }
}

/** Those that are not sent all the time. */
function decodeRareMessage(value: readonly unknown[], from: MemberId, to: MemberId): Message {
  switch (value[0]) {
    case MessageType['snapshot-offer']: {
      const [, termField, heard, index, indexTermField] = fields(value, 5, 'snapshot-offer');
      const term = whole(termField, 'term');
      const indexTerm = whole(indexTermField, 'indexTerm', 1);
      if (indexTerm > term) throw invalid(`indexTerm ${indexTerm} is above the term ${term}`);
      return {
        type: 'snapshot-offer',
        from,
        to,
        term,
        heard: flag(heard, 'heard'),
        index: whole(index, 'index', 1),
        indexTerm,
      };
    }
    case MessageType['snapshot-failed']: {
      const [, term, index] = fields(value, 3, 'snapshot-failed');
      const type = 'snapshot-failed';
      return { type, from, to, term: whole(term, 'term'), index: whole(index, 'index') };
    }
    case MessageType['timeout-now']: {
      const [, term] = fields(value, 2, 'timeout-now');
      return { type: 'timeout-now', from, to, term: whole(term, 'term') };
    }
    case MessageType['read-index']: {
      const [, term, context] = fields(value, 3, 'read-index');
      const type = 'read-index';
      return { type, from, to, term: whole(term, 'term'), context: whole(context, 'context') };
    }
    case MessageType['read-index-response']: {
      const [, term, context, index] = fields(value, 4, 'read-index-response');
      return {
        type: 'read-index-response',
        from,
        to,
        term: whole(term, 'term'),
        context: whole(context, 'context'),
        index: whole(index, 'index'),
      };
    }
    case MessageType.recovered: {
      const [, term, recovery] = fields(value, 3, 'recovered');
      const type = 'recovered';
      return {
        type,
        from,
        to,
        term: whole(term, 'term'),
        recovery: whole(recovery, 'recovery', 1),
      };
    }
    default:
      throw invalid(`messages of type ${shown(value[0])} are unknown`);
  }
}
