import { Command } from 'commander';
import { argumentInvalid, InodeAppError } from '../errors.js';
import { RESUME_FREE_BYTES } from '../master/disk/disk-limits.js';
import { timedLines } from '../master/log-lines.js';
import type { MasterEvent } from '../master/master-events.js';
import type { MasterOptions } from '../master/master-options.js';
import {
  LISTEN_FORM,
  MAX_MEMBER_ID,
  MEMBERS_FORM,
  parseAdvertise,
  parseListen,
  parseMembers,
} from '../master/members.js';
import { clientAddresses } from './addresses.js';
import {
  argumentInteger,
  argumentLogLimit,
  argumentMemory,
  argumentSnapshotRate,
  argumentText,
} from './arguments.js';
import { ExitCode } from './exit-code.js';
import { Report } from './report.js';
import { firstSignal, STOP_SIGNALS, terminateWithStandardInput } from './signals.js';
import { withoutWaiting } from './stopped-terminal.js';
import { boundedStream, exitUnread } from './unread-output.js';

const MEBIBYTE = 1024 * 1024;
/** By how much a member's clock may run fast or slow for leases, as a share. */
const MAX_CLOCK_DRIFT = 0.01;
/** Free room that can be asked for, mebibytes. */
const MAX_RESUME_FREE = 1024 * 1024;

interface MasterCommandOptions {
  readonly id: string;
  readonly clusterId: string;
  readonly data: string;
  readonly members?: string;
  readonly advertise?: string;
  readonly join?: string;
  readonly listen?: string;
  readonly rejoin?: boolean;
  readonly resumeFree: string;
  readonly logLimit?: string;
  readonly memory?: string;
  readonly snapshotRate?: string;
  readonly profiles?: string;
  readonly leaseReads?: boolean;
  readonly stopWithStdin?: boolean;
}

/** `inode-app master`: one member in this process. */
export function masterCommand(): Command {
  return new Command('master')
    .description('run one member of a cluster until SIGTERM or Ctrl-C')
    .requiredOption('--id <id>', 'which member this is')
    .requiredOption('--cluster-id <text>', 'the same on each member, and on no other cluster')
    .requiredOption('--data <directory>', "this member's own data; made when it is missing")
    .option('--members <list>', `who founds the cluster, this one too: ${MEMBERS_FORM}`)
    .option(
      '--join <list>',
      'come to a cluster, with nothing: its members as clients reach them; see members add',
    )
    .option(
      '--advertise <addresses>',
      `where it is reached, unless --members says it: ${LISTEN_FORM}`,
    )
    .option(
      '--listen <addresses>',
      `where it listens, where that is not where others reach it: ${LISTEN_FORM}`,
    )
    .option('--rejoin', 'its data has gone: count again only once the others brought it up to date')
    .option(
      '--resume-free <MiB>',
      'after a full disk, take part again with so much free',
      `${RESUME_FREE_BYTES / MEBIBYTE}`,
    )
    .option('--log-limit <MiB>', 'cut the log before it holds more; 256 with an HTTP address')
    .option('--memory <MiB>', 'stay below so much memory, however large the tree is; 400')
    .option('--snapshot-rate <MiB>', 'a second, of states that it sends, and that it fetches')
    .option('--profiles <file>', 'credentials for storages by name, in JSON; for its owner alone')
    .option(
      '--lease-reads',
      'answer reads without asking the other members while a lease holds; the same on each',
    )
    .option('--stop-with-stdin', 'stop when standard input ends, as when a supervisor goes')
    .action(async (options: MasterCommandOptions) => {
      const report = new Report((line) => withoutWaiting(process.stderr).write(`${line}\n`), false);
      try {
        await runMaster(options);
      } catch (error) {
        const code = error instanceof InodeAppError ? error.code : 'MEMBER_FAILED';
        const message = error instanceof Error ? error.message : `${error}`;
        tell({ event: 'failed', code, message });
        report.error(error);
        process.exitCode = report.exitCode;
      }
      // A database that could not be closed would keep the process alive, serving nobody.
      await exitUnread();
    });
}

/** What the options ask for. Throws ARGUMENT_INVALID. */
export function masterOptions(options: MasterCommandOptions): MasterOptions {
  const { clusterId, data, rejoin = false, leaseReads = false } = options;
  const errors = boundedStream(withoutWaiting(process.stderr));
  const id = argumentInteger(options.id, 'member id', 1, MAX_MEMBER_ID);
  if (options.members !== undefined && options.join !== undefined) {
    throw argumentInvalid('--members founds a cluster and --join comes to one: give one of them');
  }
  const resumeFree = argumentInteger(options.resumeFree, '--resume-free', 1, MAX_RESUME_FREE);
  const { logLimit, memory, snapshotRate, profiles } = options;
  return {
    id,
    clusterId: argumentText(clusterId, '--cluster-id'),
    directory: argumentText(data, '--data'),
    members: options.members === undefined ? [] : parseMembers(options.members),
    ...(options.join === undefined ? {} : { join: clientAddresses(options.join, {}) }),
    ...(options.advertise === undefined ? {} : { advertise: parseAdvertise(options.advertise) }),
    ...(options.listen === undefined ? {} : { listen: parseListen(options.listen) }),
    rejoin,
    resumeFreeBytes: resumeFree * MEBIBYTE,
    ...(logLimit === undefined ? {} : { logLimitBytes: argumentLogLimit(logLimit) }),
    ...(memory === undefined ? {} : { memoryBytes: argumentMemory(memory) }),
    ...(snapshotRate === undefined
      ? {}
      : { snapshotBytesPerSecond: argumentSnapshotRate(snapshotRate) }),
    ...(profiles === undefined ? {} : { profiles: argumentText(profiles, '--profiles') }),
    ...(leaseReads ? { leaseReads: { maxClockDrift: MAX_CLOCK_DRIFT } } : {}),
    log: timedLines((line) => errors.write(`${line}\n`), `member ${id}`),
  };
}

async function runMaster(options: MasterCommandOptions): Promise<void> {
  const asked = masterOptions(options);
  using interrupt = firstSignal(STOP_SIGNALS, () => process.exit(1));
  if (options.stopWithStdin === true) terminateWithStandardInput();
  // What is imported at once is opened at once: a process that may open few files has to get as far as to say so.
  const { Master } = await import('../master/master.js');
  const master = await Master.start(asked);
  const { id, clientAddress, memberAddress } = master.addresses;
  tell({ event: 'serving', id, pid: process.pid, clientAddress, memberAddress });
  await Promise.race([interrupt.received, master.stopped]);
  await master.stop();
  const failure = await master.stopped;
  if (failure !== undefined) throw failure;
  process.exitCode = ExitCode.Ok;
}

function tell(event: MasterEvent): void {
  withoutWaiting(process.stdout).write(`${JSON.stringify(event)}\n`);
}
