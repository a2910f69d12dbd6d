import type { CheckResult } from '../checkers/checker.js';
import { type Fault, faultsOf } from './faults.js';
import { type Call, clientCalls } from './history-calls.js';
import {
  type MemberData,
  NONE,
  type OperationColumns,
  OUTCOMES,
  type ReportData,
  type RoleSpan,
} from './page/report-data.js';
import type { ReportInput } from './report-input.js';
import type { RoleSample } from './role-sample.js';
import { shortened, shownFields } from './shown-values.js';

/** More of an input or an answer is not shown, unless a finding is about it. */
const MAX_TEXT_LETTERS = 200;
const MAX_VIOLATING_TEXT_LETTERS = 4000;

/** What the script of a report needs of it, made small. */
export function encodeReport({ history, results, roles, members }: ReportInput): ReportData {
  const { events } = history;
  const lengthMs = Math.max(0, ...[events.at(-1)?.atMs ?? 0, roles.at(-1)?.atMs ?? 0]);
  const calls = clientCalls(events);
  const placeOf = new Map(calls.map(({ index }, place) => [index, place]));
  const places = (indexes: readonly number[]) =>
    indexes.flatMap((index) => placeOf.get(index) ?? []);
  const findings = results.flatMap(({ checker, findings }) =>
    findings.map((finding) => ({ checker, operations: places(finding.calls) })),
  );
  const violating = new Set(findings.flatMap(({ operations }) => operations));
  const tables = { processes: processTable(calls), kinds: new Table(), texts: new Table() };
  const operations = columnsOf(calls, tables, violating);
  return {
    lengthUs: microseconds(lengthMs),
    processes: tables.processes.texts,
    kinds: tables.kinds.texts,
    texts: tables.texts.texts,
    operations,
    faults: faultsOf(events)
      .filter(({ error, toMs }) => error === undefined || toMs === undefined)
      .map((fault) => faultData(fault, lengthMs)),
    findings,
    orders: results.flatMap((result) => ordersOf(result, places)),
    members: members.map(({ id, name }) => memberData(id, name, roles, lengthMs)),
  };
}

/** Processes in the order of their names, so that lanes are, too. */
function processTable(calls: readonly Call[]): Table {
  const names = new Set(calls.map(({ process }) => `${process}`));
  const table = new Table();
  const { compare } = new Intl.Collator('en', { numeric: true });
  for (const name of [...names].sort(compare)) table.placeOf(name);
  return table;
}

/** Texts, each once, by their place. */
class Table {
  readonly texts: string[] = [];
  readonly #places = new Map<string, number>();

  placeOf(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}

interface Tables {
  readonly processes: Table;
  readonly kinds: Table;
  readonly texts: Table;
}

function columnsOf(
  calls: readonly Call[],
  { processes, kinds, texts }: Tables,
  violating: ReadonlySet<number>,
): OperationColumns {
  const invokedUs = calls.map(({ invokedMs }) => microseconds(invokedMs));
  const shown = (text: string, place: number) =>
    texts.placeOf(
      shortened(text, violating.has(place) ? MAX_VIOLATING_TEXT_LETTERS : MAX_TEXT_LETTERS),
    );
  return {
    call: differences(calls.map(({ index }) => index)),
    invokedUs: differences(invokedUs),
    tookUs: calls.map(({ returnedMs }, place) =>
      returnedMs === undefined ? NONE : microseconds(returnedMs) - (invokedUs[place] ?? 0),
    ),
    process: calls.map(({ process }) => processes.placeOf(`${process}`)),
    kind: calls.map(({ input }) => kinds.placeOf(shortened(input.kind, MAX_TEXT_LETTERS))),
    outcome: calls.map(outcomeOf),
    input: calls.map(({ input }, place) => shown(shownFields(input), place)),
    answer: calls.map((call, place) => {
      const answer = answerOf(call);
      return answer === undefined ? NONE : shown(answer, place);
    }),
    member: calls.map(({ member }) => member ?? NONE),
  };
}

function outcomeOf({ outcome }: Call): number {
  return OUTCOMES.indexOf(outcome === 'ok' || outcome === 'fail' ? outcome : 'unknown');
}

function answerOf({ output, error }: Call): string | undefined {
  if (error !== undefined) return `${error.code}: ${error.message}`;
  return output === undefined ? undefined : JSON.stringify(output);
}

function differences(numbers: readonly number[]): readonly number[] {
  return numbers.map((number, at) => number - (numbers[at - 1] ?? 0));
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}

function faultData({ kind, text, error, fromMs, toMs }: Fault, lengthMs: number) {
  return {
    kind: shortened(kind, MAX_TEXT_LETTERS),
    text: shortened(error === undefined ? text : `${text} (${error})`, MAX_TEXT_LETTERS),
    fromUs: microseconds(fromMs),
    toUs: microseconds(toMs ?? lengthMs),
  };
}

function ordersOf(
  { checker, orders = {} }: CheckResult,
  places: (indexes: readonly number[]) => readonly number[],
) {
  return Object.entries(orders).map(([key, calls]) => ({
    name: key === '' ? checker : `${key} (${checker})`,
    operations: places(calls),
  }));
}

function memberData(
  id: number,
  name: string,
  samples: readonly RoleSample[],
  lengthMs: number,
): MemberData {
  const spans: RoleSpan[] = [];
  for (const [at, { atMs, roles }] of samples.entries()) {
    const role = roles[id];
    if (role === undefined) continue;
    const fromUs = microseconds(atMs);
    const toUs = microseconds(samples[at + 1]?.atMs ?? lengthMs);
    const last = spans.at(-1);
    if (last?.role === role && last.toUs === fromUs) spans[spans.length - 1] = { ...last, toUs };
    else spans.push({ role, fromUs, toUs });
  }
  return { id, name, roles: spans };
}
