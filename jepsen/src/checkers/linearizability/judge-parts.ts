import { setImmediate } from 'node:timers/promises';
import type { EffectiveOperation } from '../../histories/operation.js';
import type { CheckContext } from '../checker.js';
import { checkPart } from './check-part.js';
import type { Model } from './model.js';
import type { PartLimits, PartResult } from './part-result.js';
import type { ModelSource } from './threads/messages.js';
import { PartThread } from './threads/part-threads.js';

/** Steps that each part may take at first: an easy one is not kept waiting by a hard one. */
const FIRST_STEPS = 500_000;
/** A part that needs more begins again, with so many times as many: the first attempt is lost. */
const MORE_STEPS = 16;
const MAX_EXPLANATION_STEPS = 2_000_000;
/** Violations that are explained; of others the verdict is all. */
export const MAX_EXPLAINED = 3;

/** The operations of one independent part, and its name. */
export interface Part<Input, Output> {
  readonly name: string | undefined;
  readonly operations: readonly EffectiveOperation<Input, Output>[];
}

/** Where parts are checked: in this thread beside other work, or in another one. */
type Executor<Input, Output> = (
  part: Part<Input, Output>,
  limits: PartLimits,
) => Promise<PartResult<Input, Output>>;

/**
 * Checks all parts: each with few steps in this thread, and what is not decided by that in others, with
 * more and more steps. Once one is illegal, nothing more is spent on those that are hard.
 *
 * @param source where threads find the model; without it all is done in this one
 */
export async function judgeParts<State, Input, Output>(
  model: Model<State, Input, Output>,
  source: ModelSource | undefined,
  parts: readonly Part<Input, Output>[],
  context: CheckContext,
): Promise<readonly PartResult<Input, Output>[]> {
  const judge = new PartsJudge(model, parts, context);
  await judge.tryAll();
  const count = source === undefined ? 0 : Math.min(context.maxThreads, judge.undecided);
  if (source === undefined || count === 0) await judge.goOn([judge.here]);
  else {
    const { maxMemoryBytes, signal } = context;
    const threads = Array.from(
      { length: count },
      () => new PartThread(source, maxMemoryBytes / count),
    );
    try {
      await judge.goOn(
        threads.map((thread) => (part, limits) => thread.check(part.operations, limits, signal)),
      );
    } finally {
      await Promise.all(threads.map((thread) => thread[Symbol.asyncDispose]()));
    }
  }
  return judge.results();
}

/** A part that waits to be checked. */
interface Job {
  readonly place: number;
  readonly maxSteps: number;
}

const ABORTED = {
  steps: 0,
  peakMemoryBytes: 0,
  verdict: 'unknown',
  reason: 'aborted',
  reachedAt: undefined,
} as const;

class PartsJudge<State, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #parts: readonly Part<Input, Output>[];
  readonly #context: CheckContext;
  readonly #deadlineMs: number;
  readonly #results: PartResult<Input, Output>[];
  /** Parts whose verdict is open, and the steps that each may take next. */
  #open: Job[];
  #illegal = 0;

  constructor(
    model: Model<State, Input, Output>,
    parts: readonly Part<Input, Output>[],
    context: CheckContext,
  ) {
    this.#model = model;
    this.#parts = parts;
    this.#context = context;
    this.#deadlineMs = performance.now() + context.maxDurationMs;
    this.#results = parts.map(() => ({ ...ABORTED, reason: 'time' }));
    this.#open = parts.map((_, place) => ({ place, maxSteps: FIRST_STEPS }));
  }

  get undecided(): number {
    return this.#open.length;
  }

  results(): readonly PartResult<Input, Output>[] {
    return this.#results;
  }

  /** Gives each part its first steps. */
  async tryAll(): Promise<void> {
    const jobs = this.#open;
    this.#open = [];
    for (const job of jobs) await this.#do(job, this.here, this.#context.maxMemoryBytes);
  }

  /** Goes on with what is open, all executors at once. */
  async goOn(executors: readonly Executor<Input, Output>[]): Promise<void> {
    const memoryBytes = this.#context.maxMemoryBytes / executors.length;
    const work = async (executor: Executor<Input, Output>) => {
      while (this.#illegal === 0) {
        const job = this.#open.shift();
        if (job === undefined) return;
        await this.#do(job, executor, memoryBytes);
      }
    };
    await Promise.all(executors.map(work));
  }

  /** Beside other work in this thread. */
  readonly here: Executor<Input, Output> = async ({ operations }, limits) => {
    const { signal } = this.#context;
    const slices = checkPart(this.#model, operations, limits, () => performance.now());
    while (!signal.aborted) {
      const { done, value } = slices.next();
      if (done === true) return value;
      await setImmediate();
    }
    return ABORTED;
  };

  async #do(job: Job, executor: Executor<Input, Output>, maxMemoryBytes: number): Promise<void> {
    const { place, maxSteps } = job;
    const part = this.#parts[place];
    const maxDurationMs = this.#deadlineMs - performance.now();
    if (part === undefined || maxDurationMs <= 0) return;
    const maxExplanationSteps = this.#illegal < MAX_EXPLAINED ? MAX_EXPLANATION_STEPS : 0;
    const limits = { maxSteps, maxExplanationSteps, maxMemoryBytes, maxDurationMs };
    const result = await executor(part, limits);
    this.#results[place] = result;
    if (result.verdict === 'illegal') this.#illegal += 1;
    if (result.verdict === 'unknown' && result.reason === 'steps') {
      this.#open.push({ place, maxSteps: maxSteps * MORE_STEPS });
    }
  }
}
