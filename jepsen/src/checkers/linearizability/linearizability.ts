import type { History } from '../../histories/history.js';
import type { EffectiveOperation, Operation } from '../../histories/operation.js';
import { type CallForm, operationsOf } from '../../histories/operations.js';
import type { CheckContext, Checker, CheckResult, Finding, Verdict } from '../checker.js';
import { explain } from './explanation.js';
import { groupBy } from './group-by.js';
import { judgeParts, MAX_EXPLAINED, type Part } from './judge-parts.js';
import type { Model } from './model.js';
import { type MomentText, momentsOf } from './moments.js';
import type { PartResult } from './part-result.js';
import type { ModelSource } from './threads/messages.js';

/** Parts without a verdict that are told one by one. */
const MAX_UNKNOWN_FINDINGS = 5;

export interface LinearizabilityCheckerOptions<State, Input, Output> {
  readonly model: Model<State, Input, Output>;
  /** Which calls of a history are the model's, and how they are read. */
  readonly form: CallForm<Input, Output>;
  /** Where threads find the model. Without it, all is checked in the thread that asks. */
  readonly source?: ModelSource;
}

/** Whether a history is linearizable: each independent part of the model by itself. */
export function linearizability<State, Input, Output>(
  options: LinearizabilityCheckerOptions<State, Input, Output>,
): Checker {
  const { name } = options.model;
  return {
    name: 'linearizability',
    proves: `every call took effect at one moment between its call and its answer, as on one ${name}`,
    check: (history, context) => check(options, history, context),
  };
}

async function check<State, Input, Output>(
  { model, form, source }: LinearizabilityCheckerOptions<State, Input, Output>,
  history: History,
  context: CheckContext,
): Promise<CheckResult> {
  const startedMs = performance.now();
  const operations = operationsOf(history, form).filter(mayTakeEffect);
  const groups = groupBy(operations, ({ input }) => model.partition?.(input));
  const parts = Array.from(groups, ([name, of]) => ({ name, operations: of }));
  const results = await judgeParts(model, source, parts, context);
  const told = parts.flatMap((part, i) => {
    const result = results[i];
    return result === undefined ? [] : [{ part, result }];
  });
  const count = (verdict: PartResult<Input, Output>['verdict']) =>
    results.filter((result) => result.verdict === verdict).length;
  const [illegal, unknown] = [count('illegal'), count('unknown')];
  const moments = momentsOf(history.events);
  return {
    checker: 'linearizability',
    verdict: verdictOf(illegal, unknown),
    findings: [
      ...illegalFindings(told, model, moments),
      ...(illegal === 0 ? unknownFindings(told, context, moments) : []),
    ],
    figures: {
      operations: operations.length,
      keys: parts.length,
      keysInvalid: illegal,
      keysUnknown: unknown,
      steps: results.reduce((sum, { steps }) => sum + steps, 0),
      peakMemoryBytes: Math.max(0, ...results.map(({ peakMemoryBytes }) => peakMemoryBytes)),
      durationMs: Math.round(performance.now() - startedMs),
    },
    orders: Object.fromEntries(told.map(({ part, result }) => [part.name ?? '', orderOf(result)])),
  };
}

/** A part and what became of it. */
interface Told<Input, Output> {
  readonly part: Part<Input, Output>;
  readonly result: PartResult<Input, Output>;
}

function verdictOf(illegal: number, unknown: number): Verdict {
  if (illegal > 0) return 'invalid';
  return unknown > 0 ? 'unknown' : 'valid';
}

/** Up to where there is one, where the history has none. */
function orderOf<Input, Output>(result: PartResult<Input, Output>): readonly number[] {
  if (result.verdict === 'ok') return result.order;
  if (result.verdict === 'unknown') return [];
  return result.findings.order.map(({ invokedAt }) => invokedAt);
}

function illegalFindings<State, Input, Output>(
  told: readonly Told<Input, Output>[],
  model: Model<State, Input, Output>,
  moments: MomentText,
): readonly Finding[] {
  const illegal = told.flatMap(({ part, result }) =>
    result.verdict === 'illegal' ? [{ part, findings: result.findings }] : [],
  );
  const findings: Finding[] = illegal.slice(0, MAX_EXPLAINED).map(({ part, findings }) => {
    const { lines } = explain(part.name, findings, model, part.operations, moments);
    const { contradiction, stuck } = findings;
    const calls = (contradiction.length <= MAX_MARKED ? contradiction : [stuck]).flatMap(
      (operation) => (operation === undefined ? [] : [operation.invokedAt]),
    );
    return { lines, calls: calls.sort((a, b) => a - b) };
  });
  const more = illegal.slice(MAX_EXPLAINED);
  if (more.length === 0) return findings;
  const names = more.map(({ part }) => part.name).join(', ');
  return [...findings, { lines: [`Not linearizable either: ${names}.`], calls: [] }];
}

/** A contradiction of more was not reduced to what matters. */
const MAX_MARKED = 100;

const REASONS = {
  steps: 'as many steps as it may take',
  time: 'the time that it may take',
  memory: 'the memory that it may take',
  aborted: 'being interrupted',
} as const;

/** How far the search came where it gave up. */
function unknownFindings<Input, Output>(
  told: readonly Told<Input, Output>[],
  { maxDurationMs, maxMemoryBytes }: CheckContext,
  moments: MomentText,
): readonly Finding[] {
  const limits = `${maxDurationMs / 1000} s, ${Math.round(maxMemoryBytes / 1024 / 1024)} MiB`;
  const findings = told.flatMap(({ part, result }) => {
    if (result.verdict !== 'unknown') return [];
    const { reason, reachedAt } = result;
    const until =
      reachedAt === undefined
        ? 'It had not begun with it.'
        : `An order was found for everything that returned before ${moments(reachedAt)}.`;
    const which =
      part.name === undefined ? 'There is no verdict' : `Key ${part.name} has no verdict`;
    return [
      {
        lines: [`${which}: the search ended with ${REASONS[reason]} (${limits}).`, until],
        calls: [],
      },
    ];
  });
  const left = findings.length - MAX_UNKNOWN_FINDINGS;
  if (left <= 0) return findings;
  const more = { lines: [`${left} other keys have no verdict either.`], calls: [] };
  return [...findings.slice(0, MAX_UNKNOWN_FINDINGS), more];
}

function mayTakeEffect<Input, Output>(
  operation: Operation<Input, Output>,
): operation is EffectiveOperation<Input, Output> {
  return operation.outcome !== 'failed';
}
