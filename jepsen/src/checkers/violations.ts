import type { History } from '../histories/history.js';
import type { Json } from '../histories/json.js';
import type { Checker, CheckResult, Finding, Verdict } from './checker.js';
import { type MomentText, momentsOf } from './linearizability/moments.js';

/** Findings that are told one by one. All are counted. */
const MAX_FINDINGS = 20;
const MAX_SHOWN_CHARACTERS = 80;

export type Figures = Readonly<Record<string, Json>>;

/** A call that was made and perhaps answered, at indexes of events. */
interface Span {
  readonly call: number;
  /** Infinity: it was never answered. */
  readonly returnedAt: number;
}

/** What a checker finds, with the words that all checkers use. */
export class Violations {
  /** As in `12.310 s`, for the index of an event. */
  readonly moment: MomentText;
  readonly #findings: Finding[] = [];
  readonly #open: Finding[] = [];
  #count = 0;

  constructor(history: History) {
    this.moment = momentsOf(history.events);
  }

  get count(): number {
    return this.#count;
  }

  /** @param calls the indexes of the calls that it is about, in any order */
  add(lines: readonly string[], calls: readonly number[]): void {
    this.#count += 1;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push(findingOf(lines, calls));
  }

  /** `add` where what is to be told takes time to find: it is only asked for where it is told. */
  addLazily(tell: () => readonly [lines: readonly string[], calls: readonly number[]]): void {
    if (this.#findings.length < MAX_FINDINGS) this.add(...tell());
    else this.#count += 1;
  }

  /** Why there is no verdict, unless something is violated. */
  leaveOpen(lines: readonly string[], calls: readonly number[] = []): void {
    this.#open.push(findingOf(lines, calls));
  }

  /** `called at 1.200 s and answered at 1.210 s` */
  span({ call, returnedAt }: Span): string {
    const called = `called at ${this.moment(call)}`;
    if (!Number.isFinite(returnedAt)) return `${called}, outcome unknown`;
    return `${called} and answered at ${this.moment(returnedAt)}`;
  }

  result(checker: string, figures: Figures): CheckResult {
    const hidden = this.#count - this.#findings.length;
    const more = { lines: [`There are ${hidden} more like these.`], calls: [] };
    const violated = hidden > 0 ? [...this.#findings, more] : this.#findings;
    const findings = this.#count > 0 ? violated : this.#open;
    return {
      checker,
      verdict: this.#verdict(),
      findings,
      figures: { ...figures, violations: this.#count },
    };
  }

  #verdict(): Verdict {
    if (this.#count > 0) return 'invalid';
    return this.#open.length > 0 ? 'unknown' : 'valid';
  }
}

/** A checker that takes at most n log n steps, so that it needs no limits. */
export function linearTimeChecker(
  name: string,
  proves: string,
  judge: (history: History, violations: Violations) => Figures,
): Checker {
  return {
    name,
    proves,
    async check(history, { signal }) {
      signal.throwIfAborted();
      const violations = new Violations(history);
      return violations.result(name, judge(history, violations));
    },
  };
}

/** A value in a sentence. */
export function shown(value: Json): string {
  const text = JSON.stringify(value);
  if (text.length <= MAX_SHOWN_CHARACTERS) return text;
  return `${text.slice(0, MAX_SHOWN_CHARACTERS)}...`;
}

/** ` of "a"`, or nothing where there is one of the kind only. */
export function ofKey(key: string | undefined): string {
  return key === undefined ? '' : ` of ${shown(key)}`;
}

function findingOf(lines: readonly string[], calls: readonly number[]): Finding {
  return { lines, calls: [...new Set(calls)].sort((a, b) => a - b) };
}
