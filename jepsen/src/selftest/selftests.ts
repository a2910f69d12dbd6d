import { mountedDisksProblem } from '../cluster/disk/mounted-disks.js';
import type { Nemesis } from '../nemeses/nemesis.js';
import type { Suite } from '../suites/suite.js';
import {
  everyoneKilled,
  everyonePaused,
  leaderReplaced,
  majoritiesInTurn,
  powerLossOfAll,
} from './sure-faults.js';

/** A bug that is planted in a real cluster, or in its clients. */
export interface PlantedBug {
  /** What is wrong then: a whole sentence. */
  readonly bug: string;
  load(): Promise<Suite>;
  /** The checker that has to find it. */
  readonly foundBy: string;
  /** Members may never serve together again: nobody waits for that. */
  readonly isForGood?: true;
}

/** A test of a right system, and of the same with a bug. Its history is falsified, too. */
export interface Selftest {
  /** As on the command line. */
  readonly name: string;
  readonly workload: string;
  readonly nemesis: Nemesis | undefined;
  readonly members: number;
  loadClean(): Promise<Suite>;
  readonly planted: PlantedBug | undefined;
  /** Why it can't be had on this machine. */
  unavailable?(): Promise<string | undefined>;
}

const MEMBERS = 3;

const keyValue = async () => (await import('../suites/key-value/key-value-suite.js')).suite;
const inodeApp = async () => (await import('../suites/inode-app/inode-app-suite.js')).suite;
const bugs = () => import('../suites/key-value/planted-bugs.js');

/** All that `jepsen selftest` does. */
export const SELFTESTS: readonly Selftest[] = [
  {
    name: 'early-answers',
    workload: 'register',
    nemesis: undefined,
    members: MEMBERS,
    loadClean: keyValue,
    planted: {
      bug: 'a write is acknowledged before the other members have it',
      load: async () => (await import('../suites/broken-register/broken-register.js')).suite,
      foundBy: 'linearizability',
    },
  },
  {
    name: 'stale-reads',
    workload: 'register',
    nemesis: leaderReplaced,
    members: MEMBERS,
    loadClean: keyValue,
    planted: {
      bug: 'reads are answered without asking whether the lead was lost',
      load: async () => (await bugs()).staleReads,
      foundBy: 'linearizability',
    },
  },
  {
    name: 'sent-twice',
    workload: 'counter',
    nemesis: everyonePaused,
    members: MEMBERS,
    loadClean: keyValue,
    planted: {
      bug: 'a command that is sent again is carried out again',
      load: async () => (await bugs()).twiceApplied,
      foundBy: 'counter',
    },
  },
  {
    name: 'forgotten-votes',
    workload: 'set',
    nemesis: everyoneKilled,
    members: MEMBERS,
    loadClean: keyValue,
    planted: {
      bug: 'a killed member has forgotten its vote and what it acknowledged',
      load: async () => (await bugs()).forgetful,
      foundBy: 'set',
    },
  },
  {
    name: 'late-sync',
    workload: 'lists',
    nemesis: powerLossOfAll,
    members: MEMBERS,
    loadClean: keyValue,
    planted: {
      bug: 'entries are acknowledged before they are on the device',
      load: async () => (await bugs()).acknowledgesEarly,
      foundBy: 'append list',
    },
    unavailable: () => mountedDisksProblem('devices'),
  },
  {
    name: 'one-id-twice',
    workload: 'names',
    nemesis: majoritiesInTurn,
    members: MEMBERS,
    loadClean: keyValue,
    planted: {
      bug: 'two members have one id: a machine and its clone, which serve in turn',
      load: async () => (await bugs()).oneIdTwice,
      foundBy: 'unique names',
      isForGood: true,
    },
  },
  {
    name: 'two-step-renames',
    workload: 'renames',
    nemesis: undefined,
    members: MEMBERS,
    loadClean: inodeApp,
    planted: {
      bug: 'a file is moved by making another one and deleting the first',
      load: async () => (await import('../suites/inode-app/planted-bugs.js')).renamesInTwoSteps,
      foundBy: 'linearizability',
    },
  },
  ...['inode', 'lock', 'follower-reads', 'sessions'].map((workload) => ({
    name: workload,
    workload,
    nemesis: undefined,
    members: MEMBERS,
    loadClean: workload === 'inode' ? inodeApp : keyValue,
    planted: undefined,
  })),
];
