import type { EffectiveOperation } from '../../histories/operation.js';
import type { Findings } from './find-contradiction.js';
import type { Model } from './model.js';
import type { MomentText } from './moments.js';

/** Why a history is not linearizable. What was not found out within the limits is empty. */
export interface Explanation extends Findings<unknown, unknown> {
  /** The part of the model, such as a key; undefined where it has no parts. */
  readonly partition: string | undefined;
  /** All this for people. */
  readonly lines: readonly string[];
}

/** More are no help to a person. */
const MAX_CONTRADICTION_LINES = 20;
const MAX_ORDER_LINES = 8;
const MAX_UNDER_WAY_LINES = 8;

/** One line an operation: who, what, when. */
type Table<Input, Output> = (operations: readonly EffectiveOperation<Input, Output>[]) => string[];

/**
 * @param operations all of the partition
 * @param moment how a moment is told; by default as the number that it is
 */
export function explain<State, Input, Output>(
  partition: string | undefined,
  findings: Findings<Input, Output>,
  model: Model<State, Input, Output>,
  operations: readonly EffectiveOperation<Input, Output>[],
  moment: MomentText = plainMoment,
): Explanation {
  const shown: Table<Input, Output> = (operations) => table(operations, model, moment);
  const { contradiction } = findings;
  const words =
    contradiction.length <= MAX_CONTRADICTION_LINES
      ? model.inWords?.(contradiction, operations, moment)
      : undefined;
  const lines = [
    `Not a linearizable ${model.name}${partition === undefined ? '' : `: key ${partition}`}.`,
    ...(words === undefined ? [] : [`${words.charAt(0).toUpperCase()}${words.slice(1)}.`]),
    ...contradictionLines(findings, shown),
    ...orderLines(findings.order, model, shown),
    ...underWayLines(findings.underWay, model, shown),
  ];
  return { partition, ...findings, lines };
}

function contradictionLines<Input, Output>(
  { contradiction, stuck }: Findings<Input, Output>,
  shown: Table<Input, Output>,
): string[] {
  if (contradiction.length === 1) {
    return ["This can't be, whichever of the others took effect:", ...shown(contradiction)];
  }
  if (contradiction.length <= MAX_CONTRADICTION_LINES) {
    const byCall = [...contradiction].sort((a, b) => a.invokedAt - b.invokedAt);
    return ["These can't all be, whichever of the others took effect:", ...shown(byCall)];
  }
  if (stuck === undefined) return [];
  return [
    'At no moment between its call and its return can this have happened:',
    ...shown([stuck]),
  ];
}

function orderLines<State, Input, Output>(
  order: readonly EffectiveOperation<Input, Output>[],
  model: Model<State, Input, Output>,
  shown: Table<Input, Output>,
): string[] {
  if (order.length === 0) return [];
  const last = order.slice(-MAX_ORDER_LINES);
  const which = last.length < order.length ? ` (the last ${last.length} of ${order.length})` : '';
  const before = `Before the last of them, everything can have happened in this order${which}:`;
  const state = stateAfter(order, model);
  // The model for just these operations knows more about their states.
  const then = (model.specialize?.(order) ?? model).describeState(state);
  return [before, ...shown(last), `Then ${then}.`];
}

/** What had not returned yet took effect, but perhaps not with the answer that it then got. */
function stateAfter<State, Input, Output>(
  order: readonly EffectiveOperation<Input, Output>[],
  model: Model<State, Input, Output>,
): State {
  let state = model.init();
  for (const operation of order) {
    const { process, input, invokedAt } = operation;
    state =
      model.step(state, operation) ??
      model.step(state, { process, input, invokedAt, outcome: 'unknown' }) ??
      state;
  }
  return state;
}

function underWayLines<State, Input, Output>(
  underWay: readonly EffectiveOperation<Input, Output>[],
  model: Model<State, Input, Output>,
  shown: Table<Input, Output>,
): string[] {
  const changing = underWay.filter((operation) => !model.readsOnly(operation));
  if (changing.length === 0) return [];
  const last = changing.slice(-MAX_UNDER_WAY_LINES);
  const left = changing.length - last.length;
  return [
    `Under way at the same time, and of no help${left === 0 ? '' : `, with ${left} called earlier`}:`,
    ...shown(last),
  ];
}

function table<State, Input, Output>(
  operations: readonly EffectiveOperation<Input, Output>[],
  model: Model<State, Input, Output>,
  moment: MomentText,
): string[] {
  const rows = operations.map(
    (operation) =>
      [
        `process ${operation.process}`,
        model.describe(operation),
        spanOf(operation, moment),
      ] as const,
  );
  const widest = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const [whoWidth, whatWidth] = [widest(0), widest(1)];
  return rows.map(
    ([who, what, when]) => `  ${who.padEnd(whoWidth)}  ${what.padEnd(whatWidth)}  ${when}`,
  );
}

function spanOf(operation: EffectiveOperation<unknown, unknown>, moment: MomentText): string {
  const from = moment(operation.invokedAt);
  if (operation.outcome === 'done') return `from ${from} to ${moment(operation.returnedAt)}`;
  const { latestAt } = operation;
  const bound = latestAt === undefined ? '' : `, not after ${moment(latestAt)}`;
  return `from ${from}, outcome unknown${bound}`;
}

function plainMoment(at: number): string {
  return Number.isInteger(at) ? String(at) : at.toFixed(3);
}
