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

const keyValue = async () => (await import('../suites/key-value/key-value-suite.js')).suite;

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
      const { staleReads } = await import('../suites/key-value/planted-bugs.js');
      return { planted: staleReads, clean: await keyValue() };
    },
    workload: 'register',
    nemeses: 'pause',
    seconds: 10,
  },
  {
    bug: 'a command that is sent again is carried out again',
    load: async () => {
      const { twiceApplied } = await import('../suites/key-value/planted-bugs.js');
      return { planted: twiceApplied, clean: await keyValue() };
    },
    workload: 'counter',
    nemeses: 'pause',
    seconds: 10,
  },
  {
    bug: 'a killed member has forgotten its vote and what it acknowledged',
    load: async () => {
      const { forgetful } = await import('../suites/key-value/planted-bugs.js');
      return { planted: forgetful, clean: await keyValue() };
    },
    workload: 'set',
    nemeses: 'kill',
    seconds: 20,
  },
  {
    bug: 'a file is moved by making another one and deleting the first',
    load: async () => {
      const { renamesInTwoSteps } = await import('../suites/inode-app/planted-bugs.js');
      const { suite } = await import('../suites/inode-app/inode-app-suite.js');
      return { planted: renamesInTwoSteps, clean: suite };
    },
    workload: 'renames',
    nemeses: '',
    seconds: 5,
  },
];
