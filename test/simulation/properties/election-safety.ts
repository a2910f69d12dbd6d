import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * Election safety: at most one leader in a term (Raft paper, figure 3 and 5.2), and what it rests
 * on: no member votes for two candidates in a term, whatever crashes lie between.
 */
export const electionSafety: NamedProperty = {
  name: 'election-safety',
  create(world, violate) {
    const leaders = new Map<number, MemberId>();
    const votes = new Map<string, MemberId>();

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
      const key = `${voter} ${term}`;
      const known = votes.get(key);
      if (known === undefined) votes.set(key, candidate);
      else if (known !== candidate) {
        violate(`member ${voter} voted for ${known} and ${candidate} in term ${term}`);
      }
    }

    return {
      sent(message) {
        if (message.type === 'append' || message.type === 'heartbeat') {
          leads(message.from, message.term);
        } else if (message.type === 'vote-response' && !message.preVote) {
          if (message.granted) vote(message.from, message.term, message.to);
          else world.coverage.count('vote refused');
        }
      },
      turned(member, now) {
        if (now.role === 'leader') leads(member, now.term);
      },
    };
  },
};
