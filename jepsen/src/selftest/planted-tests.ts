import type { Suite } from '../suites/suite.js';

/** A bug, and a test that is to find it. */
export interface PlantedTest {
  readonly bug: string;
  /** With the bug, and without it. */
  load(): Promise<{ readonly planted: Suite; readonly clean: Suite | undefined }>;
  readonly workload: string;
  /** As on the command line. */
  readonly nemeses: string;
  readonly seconds: number;
}

const keyValue = async () => {
  const [bugs, { suite }] = await Promise.all([
    import('../suites/key-value/planted-bugs.js'),
    import('../suites/key-value/key-value-suite.js'),
  ]);
  return { ...bugs, suite };
};

/** Bugs that the tool has to find, each with the test that does; without the bug the same test is valid. */
export const PLANTED_TESTS: readonly PlantedTest[] = [
  {
    bug: 'a write is acknowledged before the other members have it',
    load: async () => {
      const { suite } = await import('../suites/broken-register/broken-register.js');
      return { planted: suite, clean: undefined };
    },
    workload: 'register',
    nemeses: '',
    seconds: 3,
  },
  {
    bug: 'reads are answered without asking whether the lead was lost',
    load: async () => {
      const { staleReads, suite } = await keyValue();
      return { planted: staleReads, clean: suite };
    },
    workload: 'register',
    nemeses: 'pause',
    seconds: 10,
  },
  {
    bug: 'a command that is sent again is carried out again',
    load: async () => {
      const { twiceApplied, suite } = await keyValue();
      return { planted: twiceApplied, clean: suite };
    },
    workload: 'counter',
    nemeses: 'pause',
    seconds: 10,
  },
  {
    bug: 'a killed member has forgotten its vote and what it acknowledged',
    load: async () => {
      const { forgetful, suite } = await keyValue();
      return { planted: forgetful, clean: suite };
    },
    workload: 'set',
    nemeses: 'kill',
    seconds: 20,
  },
  {
    bug: 'a file is moved by making another one and deleting the first',
    load: async () => {
      const [{ renamesInTwoSteps }, { suite }] = await Promise.all([
        import('../suites/inode-app/planted-bugs.js'),
        import('../suites/inode-app/inode-app-suite.js'),
      ]);
      return { planted: renamesInTwoSteps, clean: suite };
    },
    workload: 'renames',
    nemeses: '',
    seconds: 5,
  },
];
