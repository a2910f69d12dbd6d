import type { MemberId, Message } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/** What only a leader sends. */
const FROM_LEADERS: ReadonlySet<Message['type']> = new Set([
  'append',
  'heartbeat',
  'snapshot-offer',
  'timeout-now',
  'recovered',
]);

/**
 * Election safety: at most one leader in a term (Raft paper, figure 3 and 5.2), and what it rests
 * on: no member votes for two candidates in a term, whatever crashes lie between. Who has lost its
 * log can't know for whom it has voted; that whoever it was is not elected is what recovery sees to.
 */
export const electionSafety: NamedProperty = {
  name: 'election-safety',
  create(world, violate) {
    const leaders = new Map<number, MemberId>();
    /** By term, then voter. */
    const votes = new Map<number, Map<MemberId, MemberId>>();

    function leads(member: MemberId, term: number): void {
      const known = leaders.get(term);
      if (known === undefined) {
        leaders.set(term, member);
        vote(member, term, member);
      } else if (known !== member) {
        violate(`members ${known} and ${member} lead term ${term}`);
      }
    }

    function vote(voter: MemberId, term: number, candidate: MemberId): void {
      const inTerm = votes.get(term) ?? new Map<MemberId, MemberId>();
      votes.set(term, inTerm);
      const known = inTerm.get(voter);
      if (known === undefined) inTerm.set(voter, candidate);
      else if (known !== candidate) {
        violate(`member ${voter} voted for ${known} and ${candidate} in term ${term}`);
      }
    }

    return {
      sent(message) {
        if (FROM_LEADERS.has(message.type)) {
          leads(message.from, message.term);
        } else if (message.type === 'vote-response' && !message.preVote) {
          if (message.granted) vote(message.from, message.term, message.to);
          else world.coverage.count('vote refused');
        }
      },
      wiped(member) {
        for (const inTerm of votes.values()) inTerm.delete(member);
      },
      turned(member, now, before) {
        if (now.role === 'leader' && before?.role !== 'leader') leads(member, now.term);
      },
    };
  },
};
