import type { DoneOperation, EffectiveOperation } from '../../histories/operation.js';
import type { MomentText } from './moments.js';

/**
 * What a system is supposed to be when its operations come one after the other. All functions are
 * pure: they change nothing, and give the same for the same.
 *
 * @typeParam State anything but undefined
 */
export interface Model<State, Input, Output> {
  /** As in "register". */
  readonly name: string;

  init(): State;

  /**
   * The state after the operation; undefined if it can't have had its output in this state. One
   * of unknown outcome has no output, and should be possible in every state where it may be called.
   */
  step(state: State, operation: EffectiveOperation<Input, Output>): State | undefined;

  equal(a: State, b: State): boolean;

  /** A whole number, equal for equal states. */
  hash(state: State): number;

  /**
   * True if the operation leaves every state as it is, wherever it is possible at all. Such an
   * operation is placed as soon as it fits, without any search; forgotten if its outcome is unknown.
   */
  readsOnly(operation: EffectiveOperation<Input, Output>): boolean;

  /**
   * The independent part of the system that this goes to, such as a key: each is checked alone,
   * which is enough because linearizability is local (Herlihy and Wing, 1990, theorem 1). Undefined:
   * the part of all that name none.
   */
  partition?(input: Input): string | undefined;

  /**
   * Equal for two operations that `step` treats alike in every state, both done or both of unknown
   * outcome: where both fit, only one is tried. Without it they all differ.
   */
  effect?(operation: EffectiveOperation<Input, Output>): string;

  /**
   * The one state in which a done operation is possible, if no order of these operations comes
   * back to that state after it was left; otherwise undefined. Nothing that leaves the state is
   * tried before the operation is placed.
   */
  onlyIn?(operation: DoneOperation<Input, Output>): State | undefined;

  /**
   * The model for just these operations, which are all of one partition. It may refuse steps
   * after which some done operation could not be placed any more, and may take states for equal
   * that none of these operations can tell apart; the verdict has to be the same.
   */
  specialize?(
    operations: readonly EffectiveOperation<Input, Output>[],
  ): Model<State, Input, Output>;

  /**
   * True: orders are looked for first in which few operations of unknown outcome take effect between two
   * others. That helps where they differ so much that trying all sets of them takes too long; where
   * there is no order at all, it takes longer to know that.
   */
  readonly fewUnknownFirst?: true;

  /** A call and what came of it, in a few words: `read → 3`. */
  describe(operation: EffectiveOperation<Input, Output>): string;

  /** In a few words, such that "then ..." is a sentence: `the value is 3`. */
  describeState(state: State): string;

  /**
   * What is wrong with operations that can't all be, in a sentence that begins with a small letter and
   * has no full stop; undefined where the operations themselves say it as well.
   *
   * @param operations all of the same partition
   */
  inWords?(
    contradiction: readonly DoneOperation<Input, Output>[],
    operations: readonly EffectiveOperation<Input, Output>[],
    moment: MomentText,
  ): string | undefined;

  /** Bytes that a state keeps in memory; 16 where it is missing. */
  stateBytes?(state: State): number;
}
