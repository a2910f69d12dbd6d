/**
 * A rule that holds in every run was broken: this member's state can't be trusted, and it stops.
 * Never caught to go on; the others are not harmed.
 */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

/**
 * Checked in production too. `message` says which rule, and with which numbers; as a function where
 * it is checked often, so that the text is made only when it is needed.
 */
export function invariant(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantBroken(typeof message === 'string' ? message : message());
}
