import { JepsenError } from '../errors.js';
import { type Call, callsOf } from './call.js';
import type { History } from './history.js';
import { type CallInput, NEMESIS } from './history-event.js';
import type { Json } from './json.js';
import type { Operation } from './operation.js';

/** How the calls of a history are read as operations of a model. */
export interface CallForm<Input, Output> {
  /** Undefined: the call is none of the model's, and a history of it can't be judged unless it failed. */
  input(call: CallInput): Input | undefined;
  /** What the call was answered; undefined: that is no answer to such a call. */
  output(input: Input, answer: Json): Output | undefined;
  /**
   * Whether it goes through its session as a command. What only reads may bear a session and yet say
   * nothing about the commands before it.
   */
  isCommand(input: Input): boolean;
}

/**
 * The operations of a history. Their moments are the indexes of their events: finer than any clock;
 * `invokedAt` is therefore the call that an operation is.
 *
 * A command of unknown outcome takes effect before a later one of its session was answered, or never:
 * the later one tells the system that nobody waits for it any more.
 *
 * @throws JepsenError HISTORY_INVALID
 */
export function operationsOf<Input, Output>(
  history: History,
  form: CallForm<Input, Output>,
): readonly Operation<Input, Output>[] {
  const operations: Operation<Input, Output>[] = [];
  const calls = callsOf(history.events);
  const latest = latestMoments(calls, form);
  for (const { invoke, end } of calls) {
    if (invoke.process === NEMESIS) continue;
    const input = form.input(invoke.input);
    if (input === undefined) {
      // What may have changed something must not be passed over: all that is judged beside it would seem right.
      if (end?.type !== 'fail') throw noCall(invoke.input, invoke.index);
      continue;
    }
    const { process, index: invokedAt } = invoke;
    if (end?.type === 'ok') {
      const output = form.output(input, end.output);
      if (output === undefined) throw noAnswer(invoke.input, end.index, end.output);
      operations.push({
        process,
        input,
        invokedAt,
        outcome: 'done',
        output,
        returnedAt: end.index,
      });
    } else if (end?.type === 'fail') {
      operations.push({ process, input, invokedAt, outcome: 'failed' });
    } else {
      const latestAt = latest.get(invoke.index);
      const bound = latestAt === undefined ? {} : { latestAt };
      operations.push({ process, input, invokedAt, outcome: 'unknown', ...bound });
    }
  }
  return operations;
}

/** By the calls of unknown outcome: when a later command of their session was answered first. */
function latestMoments<Input, Output>(
  calls: readonly Call[],
  { input: inputOf, isCommand }: CallForm<Input, Output>,
): ReadonlyMap<number, number> {
  const sessions = new Map<string, Call[]>();
  for (const call of calls) {
    const { session, input: called } = call.invoke;
    if (session === undefined) continue;
    const input = inputOf(called);
    if (input === undefined || !isCommand(input)) continue;
    const others = sessions.get(session);
    if (others === undefined) sessions.set(session, [call]);
    else others.push(call);
  }
  const latest = new Map<number, number>();
  for (const commands of sessions.values()) noteLatest(commands, latest);
  return latest;
}

/** @param commands of one session, in the order of their calls */
function noteLatest(commands: readonly Call[], latest: Map<number, number>): void {
  let firstAnswer: number | undefined;
  // From the last on: what was answered first of all that were called after a command had ended.
  const answered = commands.filter(({ end }) => end?.type === 'ok');
  let at = answered.length - 1;
  const ended = commands.filter(({ end }) => end?.type === 'info');
  ended.sort((a, b) => (b.end?.index ?? 0) - (a.end?.index ?? 0));
  for (const { invoke, end } of ended) {
    for (; at >= 0; at--) {
      const later = answered[at];
      if (later?.end === undefined || later.invoke.index < (end?.index ?? 0)) break;
      firstAnswer = Math.min(firstAnswer ?? later.end.index, later.end.index);
    }
    if (firstAnswer !== undefined) latest.set(invoke.index, firstAnswer);
  }
}

function noCall(input: CallInput, event: number): JepsenError {
  const text = JSON.stringify(input).slice(0, 120);
  return new JepsenError(
    'HISTORY_INVALID',
    `event ${event} calls ${text}, which its workload has no such call for`,
  );
}

function noAnswer(input: CallInput, event: number, answer: Json): JepsenError {
  const text = JSON.stringify(answer).slice(0, 120);
  return new JepsenError(
    'HISTORY_INVALID',
    `event ${event} answers a call of kind ${input.kind} with ${text}, which is none of its answers`,
  );
}
