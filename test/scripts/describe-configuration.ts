import type { Configuration, MemberId } from 'raft-ts/core';

/** `voters=(1 2)&&(1) learners=(3) learners_next=(4) autoleave` */
export function describeConfiguration(configuration: Configuration): string {
  const { voters, outgoing, learners, nextLearners, autoLeave } = configuration;
  let text = `voters=${list(voters)}`;
  if (outgoing.length > 0) text += `&&${list(outgoing)}`;
  if (learners.length > 0) text += ` learners=${list(learners)}`;
  if (nextLearners.length > 0) text += ` learners_next=${list(nextLearners)}`;
  return autoLeave ? `${text} autoleave` : text;
}

function list(ids: readonly MemberId[]): string {
  return `(${ids.join(' ')})`;
}
