import type { RegisterInput, RegisterOutput } from '../checkers/linearizability/models/register.js';
import { JepsenError } from '../errors.js';
import type { History } from '../histories/history.js';
import { type Edn, ednOf } from './edn.js';
import { type ExportedEvent, keyValueEvents, registerEvents } from './exported-events.js';

const NANOSECONDS_A_MILLISECOND = 1e6;

type RegisterEvent = ExportedEvent<RegisterInput, RegisterOutput>;

/** A history for another checker, a line an event. `key`: the one of several registers that it takes. */
export type HistoryExport = (history: History, key: string | undefined) => readonly string[];

/** By the names of those checkers. */
export const EXPORTS: Readonly<Record<string, HistoryExport>> = {
  knossos: knossosLines,
  porcupine: porcupineLines,
};

/** For Knossos (`--model cas-register`): one register, an EDN map a line. */
function knossosLines(history: History, key: string | undefined): readonly string[] {
  return oneRegister(history, key).map((event) => {
    const { process, type, atMs } = event;
    const [how, f, value] = registerLine(event);
    const fields: readonly (readonly [string, Edn])[] = [
      ['process', process],
      ['type', { keyword: how }],
      ['f', { keyword: f }],
      ['value', value],
      ['time', Math.round(atMs * NANOSECONDS_A_MILLISECOND)],
      ...(type === 'info' ? ([['error', { keyword: 'unknown' }]] as const) : []),
    ];
    return ednOf({ entries: fields.map(([name, of]) => [{ keyword: name }, of]) });
  });
}

/**
 * For Porcupine: the two formats of logs that its tests read. One register as Jepsen logs it
 * (`INFO  jepsen.util - 0 :invoke :read nil`), or texts under keys, a Clojure map a line.
 */
function porcupineLines(history: History, key: string | undefined): readonly string[] {
  if (history.header.workload !== 'key-value') {
    return oneRegister(history, key).map((event) => {
      const [type, f, value] = registerLine(event);
      const told =
        type === 'info' || (type === 'fail' && f !== 'cas') ? ':timed-out' : ednOf(value);
      return `INFO  jepsen.util - ${event.process}\t:${type}\t:${f}\t${told}`;
    });
  }
  const events = keyValueEvents(history).filter(
    ({ input }) => key === undefined || input.key === key,
  );
  return events.map(({ process, type, input, output }) => {
    const value = input.kind === 'get' ? (output ?? null) : input.value;
    return `{:process ${process}, :type :${type}, :f :${input.kind}, :key ${ednOf(input.key)}, :value ${ednOf(value)}}`;
  });
}

/** Type, function and value of a line. One that did not match failed, as Jepsen sees it. */
function registerLine({
  type,
  input,
  output,
}: RegisterEvent): readonly [type: string, f: string, value: Edn] {
  switch (input.kind) {
    case 'read':
      return [type, 'read', typeof output === 'boolean' ? null : (output ?? null)];
    case 'write':
      return [type, 'write', input.value];
    case 'compare-and-set':
      return [output === false ? 'fail' : type, 'cas', [input.from, input.to]];
  }
}

/** @throws JepsenError OPTIONS_INVALID where there is none, or several of which none was chosen */
function oneRegister(history: History, key: string | undefined): readonly RegisterEvent[] {
  const events = registerEvents(history);
  const keys = new Set(events.map(({ input }) => input.key));
  if (key === undefined && keys.size === 1) return events;
  const names = [...keys].join(', ').slice(0, 200);
  if (keys.size === 0) {
    throw new JepsenError(
      'OPTIONS_INVALID',
      `it has no calls of a register, but of ${history.header.workload}`,
    );
  }
  if (key === undefined || !keys.has(key)) {
    throw new JepsenError(
      'OPTIONS_INVALID',
      `it has ${keys.size} registers, and the format one: choose one with --key, of ${names}`,
    );
  }
  return events.filter(({ input }) => input.key === key);
}
