import { JepsenError } from '../errors.js';
import type { History, HistoryHeader } from './history.js';
import type { CallError, CallInput, HistoryEvent } from './history-event.js';
import type { Json, JsonObject } from './json.js';

/** Of one line; a history with a longer one is refused. */
export const MAX_LINE_CHARACTERS = 64 * 1024 * 1024;

const FORMAT = 1;

/** The line that an event or the header is in a history's file, with its end. */
export function lineOf(value: HistoryHeader | HistoryEvent): string {
  return `${JSON.stringify(value)}\n`;
}

/** Takes the lines of a history's file, from the header on, and checks all that they say. */
export class HistoryLines {
  readonly #events: HistoryEvent[] = [];
  readonly #open = new Map<number, HistoryEvent>();
  #header: HistoryHeader | undefined;
  #lines = 0;
  #lastAtMs = 0;

  /** @throws JepsenError LOG_INVALID with the line's number */
  add(line: string): void {
    this.#lines += 1;
    try {
      const value = objectOf(line);
      if (this.#header === undefined) this.#header = headerOf(value);
      else this.#addEvent(value);
    } catch (error) {
      if (!(error instanceof JepsenError)) throw error;
      throw new JepsenError('LOG_INVALID', `line ${this.#lines}: ${error.message}`);
    }
  }

  /** @throws JepsenError LOG_INVALID where there was no header */
  history(): History {
    if (this.#header === undefined)
      throw invalid(`there is no line: a history begins with {"format":${FORMAT},...}`);
    return { header: this.#header, events: this.#events };
  }

  #addEvent(value: JsonObject): void {
    const event = eventOf(value);
    if (event.index !== this.#events.length) {
      throw invalid(
        `its index is ${event.index}, and this is event ${this.#events.length}: lines are missing, or in another order`,
      );
    }
    if (event.atMs < this.#lastAtMs) {
      throw invalid(
        `its time of ${event.atMs} ms is before that of the event before it, ${this.#lastAtMs} ms`,
      );
    }
    if (event.type === 'invoke') this.#open.set(event.index, event);
    else this.#end(event.call, event);
    this.#lastAtMs = event.atMs;
    this.#events.push(event);
  }

  #end(call: number, event: HistoryEvent): void {
    const invoke = this.#open.get(call);
    if (invoke === undefined)
      throw invalid(`it ends call ${call}, which was never made, or has ended before`);
    if (invoke.process !== event.process) {
      throw invalid(
        `process ${event.process} ends call ${call}, which process ${invoke.process} made`,
      );
    }
    this.#open.delete(call);
  }
}

function objectOf(line: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(line);
  } catch {
    throw invalid(`it is no JSON: ${line.slice(0, 120)}`);
  }
  if (isObject(value)) return value;
  throw invalid(`it is no JSON object: ${line.slice(0, 120)}`);
}

function headerOf(value: JsonObject): HistoryHeader {
  const { format, workload, suite, nemeses, seed, startedAt, options } = value;
  if (format !== FORMAT) {
    throw invalid(
      `a history begins with {"format":${FORMAT},...}; for logs of other programs name their --format`,
    );
  }
  if (
    typeof workload === 'string' &&
    typeof suite === 'string' &&
    Array.isArray(nemeses) &&
    nemeses.every((name) => typeof name === 'string') &&
    typeof seed === 'number' &&
    typeof startedAt === 'string' &&
    isObject(options)
  ) {
    return { format, workload, suite, nemeses, seed, startedAt, options };
  }
  throw invalid(
    'a header has workload, suite and startedAt, which are texts, nemeses, which are names, seed, which is a number, and options',
  );
}

function eventOf(value: JsonObject): HistoryEvent {
  const { index, atMs, process, type } = value;
  if (!isPlace(index)) throw invalid('an event has an index, a whole number from 0 on');
  if (typeof atMs !== 'number' || atMs < 0) {
    throw invalid('an event has a time atMs, in milliseconds since the history began');
  }
  if (typeof process !== 'string' && typeof process !== 'number') {
    throw invalid('an event has a process, a name or a number');
  }
  const event = { index, atMs, process, ...memberOf(value) };
  switch (type) {
    case 'invoke':
      return { ...event, type, input: inputOf(value), ...sessionOf(value) };
    case 'ok':
      if (value.output === undefined) throw invalid('an answered call has an output');
      return { ...event, type, call: callOf(value), output: value.output };
    case 'fail':
    case 'info':
      return { ...event, type, call: callOf(value), error: errorOf(value) };
    default:
      throw invalid('the type of an event is invoke, ok, fail or info');
  }
}

function inputOf({ input }: JsonObject): CallInput {
  if (isObject(input)) {
    const { kind } = input;
    if (typeof kind === 'string') return { ...input, kind };
  }
  throw invalid('what is called is an input with its kind, a text');
}

function callOf({ call }: JsonObject): number {
  if (isPlace(call)) return call;
  throw invalid('an event that ends a call names it by its index, as call');
}

function errorOf({ error }: JsonObject): CallError {
  if (isObject(error)) {
    const { code, message } = error;
    if (typeof code === 'string' && typeof message === 'string') return { code, message };
  }
  throw invalid('a call without an answer has an error with its code and its message, both texts');
}

function memberOf({ member }: JsonObject): { readonly member?: number } {
  if (member === undefined) return {};
  if (isPlace(member)) return { member };
  throw invalid('a member is named by its id, a whole number');
}

function sessionOf({ session }: JsonObject): { readonly session?: string } {
  if (session === undefined) return {};
  if (typeof session === 'string') return { session };
  throw invalid('a session is a text');
}

function isPlace(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): JepsenError {
  return new JepsenError('LOG_INVALID', message);
}
