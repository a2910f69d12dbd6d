import { type RunnerTestCase, type RunnerTestSuite, type TestContext, TestRunner } from 'vitest';
import { HangWatch } from './hang-watch.js';

declare module 'vitest' {
  interface TestContext {
    /** Says that the test goes on; for one that takes long on an idle machine. */
    progress(): void;
  }
}

type Hook<Args extends readonly unknown[]> = (...args: Args) => unknown;

/**
 * Runs tests and hooks without a limit of time: what makes no progress is given up, by a watch
 * that a busy machine slows down as it does them.
 */
export default class PatientRunner extends TestRunner {
  readonly #watch = new HangWatch({ record: process.env.TIMED_OUT_FILE });

  override extendTaskContext(context: TestContext): TestContext {
    const extended = super.extendTaskContext(context);
    extended.progress = () => this.#watch.progress();
    return extended;
  }

  override async onBeforeRunSuite(suite: RunnerTestSuite): Promise<void> {
    await super.onBeforeRunSuite(suite);
    const hooks = TestRunner.getSuiteHooks(suite);
    const watched =
      <Args extends readonly unknown[]>(kind: string) =>
      (hook: Hook<Args>): Hook<Args> =>
      (...args) =>
        this.#watch.run(`${nameOf(suite)}, ${kind}`, () => hook(...args));
    hooks.beforeAll = hooks.beforeAll.map(watched('beforeAll'));
    hooks.afterAll = hooks.afterAll.map(watched('afterAll'));
    hooks.beforeEach = hooks.beforeEach.map(watched('beforeEach'));
    hooks.afterEach = hooks.afterEach.map(watched('afterEach'));
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    await this.#watch.run(nameOf(test), TestRunner.getTestFn(test));
  }
}

function nameOf(task: RunnerTestCase | RunnerTestSuite): string {
  return task.fullName;
}
