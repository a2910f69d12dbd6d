import type { DoneOperation, EffectiveOperation } from '../../histories/operation.js';
import type { Model } from './model.js';

/** Why a history is not linearizable: how far it can be followed, and what can't come next. */
export interface Explanation {
  /** The part of the model, such as a key; undefined where it has no parts. */
  readonly partition: string | undefined;
  /** It can't take effect between its call and its return, whatever order the others had. */
  readonly stuck: DoneOperation<unknown, unknown>;
  /**
   * One order in which everything that returned before `stuck` can have taken effect, and what else
   * may have; empty if a limit was reached before it was found.
   */
  readonly placed: readonly EffectiveOperation<unknown, unknown>[];
  /** What was under way when `stuck` returned and is not in `placed`. */
  readonly underWay: readonly EffectiveOperation<unknown, unknown>[];
  /** All this for people. */
  readonly lines: readonly string[];
}

/** What an explanation is made of. */
export interface Findings<State, Input, Output> {
  readonly partition: string | undefined;
  readonly operations: readonly EffectiveOperation<Input, Output>[];
  readonly stuck: DoneOperation<Input, Output>;
  readonly placed: readonly EffectiveOperation<Input, Output>[];
  /** Some states that other orders lead to. */
  readonly otherStates: readonly State[];
}

const MAX_PLACED_LINES = 8;
const MAX_UNDER_WAY_LINES = 8;

export function explain<State, Input, Output>(
  findings: Findings<State, Input, Output>,
  model: Model<State, Input, Output>,
): Explanation {
  const { partition, stuck, placed } = findings;
  const underWay = notPlaced(findings);
  const lines = [
    `Not a linearizable ${model.name}${partition === undefined ? '' : `, at ${partition}`}.`,
    'This took effect at no moment between its call and its return:',
    ...table([stuck], model),
    ...placedLines(placed, model),
    ...stateLines(findings, model),
    ...underWayLines(underWay, model),
  ];
  return { partition, stuck, placed, underWay, lines };
}

/** Called before `stuck` returned, not returned before that, and not in the order that was found. */
function notPlaced<State, Input, Output>({
  operations,
  stuck,
  placed,
}: Findings<State, Input, Output>): EffectiveOperation<Input, Output>[] {
  const used = new Set(placed);
  return operations.filter(
    (operation) =>
      operation !== stuck &&
      !used.has(operation) &&
      operation.invokedAt <= stuck.returnedAt &&
      (operation.outcome === 'unknown' || operation.returnedAt >= stuck.returnedAt),
  );
}

function placedLines<State, Input, Output>(
  placed: readonly EffectiveOperation<Input, Output>[],
  model: Model<State, Input, Output>,
): string[] {
  if (placed.length === 0) return [];
  const shown = placed.slice(-MAX_PLACED_LINES);
  const before =
    placed.length > shown.length
      ? `Before it, ${placed.length} operations can be put in order; the last ${shown.length}:`
      : 'Before it, these can have taken effect in this order:';
  return [before, ...table(shown, model)];
}

function stateLines<State, Input, Output>(
  { placed, otherStates }: Findings<State, Input, Output>,
  model: Model<State, Input, Output>,
): string[] {
  const state = stateAfter(placed, model);
  const then = state === undefined ? undefined : model.describeState(state);
  const others = new Set(otherStates.map((other) => model.describeState(other)));
  if (then !== undefined) others.delete(then);
  const lines = then === undefined ? [] : [`Then ${then}.`];
  if (others.size > 0) lines.push(`In other orders ${[...others].join('; or ')}.`);
  return lines;
}

/** Undefined if a model for just these operations refuses what the order that was shown does. */
function stateAfter<State, Input, Output>(
  placed: readonly EffectiveOperation<Input, Output>[],
  model: Model<State, Input, Output>,
): State | undefined {
  let state: State = model.init();
  for (const operation of placed) {
    const next = model.step(state, operation);
    if (next === undefined) return undefined;
    state = next;
  }
  return state;
}

function underWayLines<State, Input, Output>(
  underWay: readonly EffectiveOperation<Input, Output>[],
  model: Model<State, Input, Output>,
): string[] {
  if (underWay.length === 0) return [];
  const shown = underWay.slice(-MAX_UNDER_WAY_LINES);
  const left = underWay.length - shown.length;
  return [
    'Under way at that time, and of no help:',
    ...table(shown, model),
    ...(left > 0 ? [`  and ${left} more, called earlier`] : []),
  ];
}

/** One line an operation: who, what, when. */
function table<State, Input, Output>(
  operations: readonly EffectiveOperation<Input, Output>[],
  model: Model<State, Input, Output>,
): string[] {
  const rows = operations.map(
    (operation) =>
      [`process ${operation.process}`, model.describe(operation), spanOf(operation)] as const,
  );
  const widest = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  return rows.map(
    ([who, what, when]) => `  ${who.padEnd(widest(0))}  ${what.padEnd(widest(1))}  ${when}`,
  );
}

function spanOf(operation: EffectiveOperation<unknown, unknown>): string {
  const from = moment(operation.invokedAt);
  return operation.outcome === 'done'
    ? `from ${from} to ${moment(operation.returnedAt)}`
    : `from ${from}, outcome unknown`;
}

function moment(at: number): string {
  return Number.isInteger(at) ? String(at) : at.toFixed(3);
}
