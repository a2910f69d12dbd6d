import { JepsenError } from '../errors.js';
import type { History } from '../histories/history.js';
import type { CallInput } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import type { ProcessId } from '../histories/operation.js';
import { type Edn, type EdnMap, EdnReader, ednOf, isKeyword, isMap, isSequence } from './edn.js';
import { LogHistory } from './log-history.js';

const NANOSECONDS_A_MILLISECOND = 1e6;

/** An operation of the log, and where it stands. */
interface Entry {
  readonly at: number;
  readonly fields: ReadonlyMap<string, Edn>;
}

/**
 * Reads a history as Jepsen stores it and Knossos reads it: maps with `:process`, `:type`, `:f` and
 * `:value`, one after the other or in one vector; `:time` in nanoseconds where there is one. Of
 * registers: `:read`, `:write` and `:cas` with `[from to]`, where a `:fail` of a `:cas` is one that did
 * not match unless it bears an `:error`. Of texts under keys: `:get`, `:put` and `:append`. A key is
 * given as `:key`, or with the value as `[key value]` in a history whose reads are all of that form.
 * What other processes than numbered ones did is passed over.
 *
 * @throws JepsenError LOG_INVALID
 */
export function readEdnHistory(text: string): History {
  const reader = new EdnReader(text);
  const entries = entriesOf(reader);
  const log = new LogHistory();
  const isKeyed = hasKeysInValues(entries);
  let workload: string | undefined;
  for (const { at, fields } of entries) {
    try {
      const operation = new EdnOperation(fields, isKeyed);
      workload ??= operation.workload;
      operation.addTo(log);
    } catch (error) {
      if (!(error instanceof JepsenError)) throw error;
      throw new JepsenError('LOG_INVALID', `line ${reader.lineAt(at)}: ${error.message}`);
    }
  }
  return log.history(workload ?? 'register');
}

function entriesOf(reader: EdnReader): readonly Entry[] {
  const entries: Entry[] = [];
  for (let value = reader.next(); value !== undefined; value = reader.next()) {
    for (const each of isSequence(value) ? value : [value]) {
      if (!isMap(each)) {
        throw new JepsenError('LOG_INVALID', `no operation: ${ednOf(each).slice(0, 120)}`);
      }
      const fields = fieldsOf(each);
      if (typeof fields.get('process') === 'number') entries.push({ at: each.at ?? 0, fields });
    }
  }
  return entries;
}

function fieldsOf({ entries }: EdnMap): ReadonlyMap<string, Edn> {
  return new Map(entries.flatMap(([key, value]) => (isKeyword(key) ? [[key.keyword, value]] : [])));
}

/** Reads that are called with a vector bear their keys in it. */
function hasKeysInValues(entries: readonly Entry[]): boolean {
  return entries.some(({ fields }) => {
    const value = fields.get('value');
    return nameOf(fields.get('f')) === 'read' && isSequence(value) && value.length === 2;
  });
}

const FUNCTIONS: Readonly<Record<string, string>> = {
  ...{ read: 'register', write: 'register', cas: 'register' },
  ...{ get: 'key-value', put: 'key-value', append: 'key-value' },
};

/** One line of what a process did. */
class EdnOperation {
  readonly workload: string;
  readonly #fields: ReadonlyMap<string, Edn>;
  readonly #process: ProcessId;
  readonly #function: string;
  readonly #key: Json | undefined;
  readonly #value: Edn;

  constructor(fields: ReadonlyMap<string, Edn>, isKeyed: boolean) {
    this.#fields = fields;
    const process = fields.get('process');
    this.#process = typeof process === 'number' ? process : 0;
    this.#function = nameOf(fields.get('f'));
    const workload = FUNCTIONS[this.#function];
    if (workload === undefined) {
      throw new JepsenError(
        'LOG_INVALID',
        `there is no function ${this.#function || ednOf(fields.get('f') ?? null)}: known are ${Object.keys(FUNCTIONS).join(', ')}`,
      );
    }
    this.workload = workload;
    const value = fields.get('value') ?? null;
    const [key, own] = isKeyed && isSequence(value) ? value : [fields.get('key'), value];
    this.#key = key === undefined ? undefined : textOf(key);
    this.#value = own ?? null;
  }

  addTo(log: LogHistory): void {
    const time = this.#fields.get('time');
    if (typeof time === 'number') log.setTime(time / NANOSECONDS_A_MILLISECOND);
    const type = nameOf(this.#fields.get('type'));
    const process = this.#process;
    if (type === 'invoke') {
      log.invoke(process, this.#input());
      return;
    }
    log.expect(process, this.#function === 'cas' ? 'compare-and-set' : this.#function);
    if (type === 'ok') log.ok(process, this.#output());
    else if (type === 'info') log.info(process, this.#error());
    else if (type !== 'fail') {
      throw new JepsenError('LOG_INVALID', 'a :type is :invoke, :ok, :fail or :info');
    } else if (this.#didNotMatch()) log.ok(process, false);
    else log.fail(process, this.#error());
  }

  #input(): CallInput {
    const key = this.#key === undefined ? {} : { key: this.#key };
    switch (this.#function) {
      case 'read':
        return { ...key, kind: 'read' };
      case 'write':
        return { ...key, kind: 'write', value: scalarOf(this.#value) };
      case 'cas': {
        const [from, to] = this.#pair();
        return { ...key, kind: 'compare-and-set', from, to };
      }
      case 'get':
        return { ...key, kind: 'get' };
      default:
        return { ...key, kind: this.#function, value: textOf(this.#value) };
    }
  }

  #output(): Json {
    if (this.#function === 'read') return scalarOf(this.#value);
    if (this.#function === 'get') return this.#value === null ? '' : textOf(this.#value);
    return this.#function === 'cas' ? true : null;
  }

  #pair(): readonly [Json, Json] {
    if (isSequence(this.#value) && this.#value.length === 2) {
      const [from = null, to = null] = this.#value;
      return [scalarOf(from), scalarOf(to)];
    }
    throw new JepsenError('LOG_INVALID', `a :cas has [from to], not ${ednOf(this.#value)}`);
  }

  #didNotMatch(): boolean {
    return this.#function === 'cas' && isSequence(this.#value) && !this.#fields.has('error');
  }

  #error(): string {
    const error = this.#fields.get('error');
    return error === undefined ? 'unknown' : ednOf(error);
  }
}

function nameOf(value: Edn | undefined): string {
  return isKeyword(value) ? value.keyword : '';
}

function scalarOf(value: Edn): string | number | null {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  return ednOf(value);
}

function textOf(value: Edn): string {
  return typeof value === 'string' ? value : ednOf(value);
}
