import type {
  KeyValueInput,
  KeyValueOutput,
} from '../checkers/linearizability/models/key-value.js';
import { keyValueCalls } from '../checkers/linearizability/models/key-value-calls.js';
import type { RegisterInput, RegisterOutput } from '../checkers/linearizability/models/register.js';
import { registerCalls } from '../checkers/linearizability/models/register-calls.js';
import { JepsenError } from '../errors.js';
import { callsOf } from '../histories/call.js';
import type { History } from '../histories/history.js';
import { type HistoryEvent, NEMESIS } from '../histories/history-event.js';
import type { CallForm } from '../histories/operations.js';

/** A line of an exported history. */
export interface ExportedEvent<Input, Output> {
  /** Each takes a new number after a call whose outcome it does not know. */
  readonly process: number;
  readonly type: HistoryEvent['type'];
  readonly atMs: number;
  readonly input: Input;
  /** Of what was answered. */
  readonly output: Output | undefined;
}

/** The events of registers. */
export function registerEvents(
  history: History,
): readonly ExportedEvent<RegisterInput, RegisterOutput>[] {
  return eventsOf(history, registerCalls);
}

/** The events of texts under keys. */
export function keyValueEvents(
  history: History,
): readonly ExportedEvent<KeyValueInput, KeyValueOutput>[] {
  return eventsOf(history, keyValueCalls);
}

/**
 * What clients did, with calls and answers of one model.
 *
 * @throws JepsenError HISTORY_INVALID
 */
function eventsOf<Input, Output>(
  { events }: History,
  form: CallForm<Input, Output>,
): readonly ExportedEvent<Input, Output>[] {
  const inputs = new Map<number, Input>();
  for (const { invoke } of callsOf(events)) {
    const input = invoke.process === NEMESIS ? undefined : form.input(invoke.input);
    if (input !== undefined) inputs.set(invoke.index, input);
  }
  const numbers = new ProcessNumbers();
  const exported: ExportedEvent<Input, Output>[] = [];
  for (const event of events) {
    const call = event.type === 'invoke' ? event.index : event.call;
    const input = inputs.get(call);
    if (input === undefined) continue;
    const { type, atMs } = event;
    const process = event.type === 'invoke' ? numbers.take(call) : numbers.of(call);
    const output = event.type === 'ok' ? form.output(input, event.output) : undefined;
    if (type === 'ok' && output === undefined) {
      throw new JepsenError(
        'HISTORY_INVALID',
        `event ${event.index} has an output that is no answer`,
      );
    }
    if (type === 'ok' || type === 'fail') numbers.giveBack(call);
    exported.push({ process, type, atMs, input, output });
  }
  return exported;
}

/** As few numbers as there are calls at once, and one more for each that stays open. */
class ProcessNumbers {
  readonly #numbers = new Map<number, number>();
  readonly #free: number[] = [];
  #count = 0;

  take(call: number): number {
    const number = this.#free.pop() ?? this.#count++;
    this.#numbers.set(call, number);
    return number;
  }

  of(call: number): number {
    return this.#numbers.get(call) ?? 0;
  }

  giveBack(call: number): void {
    this.#free.push(this.of(call));
  }
}
