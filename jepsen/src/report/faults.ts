import { HEAL, type HistoryEvent, type InvokeEvent, NEMESIS } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import { shownFields } from './shown-values.js';

/** A fault as it struck. */
export interface Fault {
  readonly kind: string;
  /** What was done to whom, in words. */
  readonly text: string;
  readonly fromMs: number;
  /** Undefined: nobody healed it. */
  readonly toMs: number | undefined;
  /** Why it did not strike, or nobody knows whether it did. */
  readonly error: string | undefined;
}

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** The faults of a history, from the moment at which they were about to strike until they were healed. */
export function faultsOf(events: readonly HistoryEvent[]): readonly Fault[] {
  const faults = new Map<number, Mutable<Fault>>();
  /** The faults that each healing is to end; without a name all that are left. */
  const healings = new Map<number, readonly number[]>();
  for (const event of events) {
    if (event.process !== NEMESIS) continue;
    if (event.type !== 'invoke') {
      const healed = healings.get(event.call) ?? [];
      if (event.type === 'ok') for (const fault of healed) end(faults.get(fault), event.atMs);
      strike(faults.get(event.call), event);
    } else if (event.input.kind !== HEAL) {
      faults.set(event.index, begun(event));
    } else {
      const { fault } = event.input;
      healings.set(event.index, typeof fault === 'number' ? [fault] : [...faults.keys()]);
    }
  }
  return [...faults.values()];
}

/** It ended, unless it had ended before. */
function end(fault: Mutable<Fault> | undefined, atMs: number): void {
  if (fault !== undefined) fault.toMs ??= atMs;
}

/** What became of the strike itself. */
function strike(
  fault: Mutable<Fault> | undefined,
  event: Exclude<HistoryEvent, InvokeEvent>,
): void {
  if (fault === undefined) return;
  if (event.type === 'ok') fault.text = withOutput(fault.text, event.output);
  else {
    fault.error = `${event.error.code}: ${event.error.message}`;
    if (event.type === 'fail') fault.toMs = event.atMs;
  }
}

function begun({ input, atMs }: InvokeEvent): Mutable<Fault> {
  return {
    kind: input.kind,
    text: shownFields(input),
    fromMs: atMs,
    toMs: undefined,
    error: undefined,
  };
}

/** What the nemesis says of a fault that is in force, where it says anything. */
function withOutput(text: string, output: Json): string {
  const done = shownOutput(output);
  return [text, done].filter((part) => part !== '').join(': ');
}

function shownOutput(output: Json): string {
  if (output === null || typeof output !== 'object') return output === null ? '' : `${output}`;
  if (!('kind' in output) || typeof output.kind !== 'string') return JSON.stringify(output);
  const fields = shownFields({ ...output, kind: output.kind });
  return fields === '' ? output.kind : `${output.kind}, ${fields}`;
}
