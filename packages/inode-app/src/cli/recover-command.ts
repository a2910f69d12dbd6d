import { Command } from 'commander';
import { isRaftError } from 'raft-ts';
import { forceRecovery } from 'raft-ts/rocksdb';
import { displayMessage } from '../display-names.js';
import { InodeAppError } from '../errors.js';
import { MAX_MEMBER_ID } from '../master/members.js';
import { startError } from '../master/start-error.js';
import { argumentInteger, argumentText } from './arguments.js';
import { ExitCode } from './exit-code.js';
import { Output } from './output.js';
import { reporting } from './report.js';

interface RecoverOptions {
  readonly id: string;
  readonly clusterId: string;
  readonly newClusterId: string;
  readonly data: string;
  readonly lost: string;
  readonly reason: string;
  readonly json?: boolean;
}

/** `inode-app recover`: makes a stopped member go on alone, when the majority is lost for good. */
export function recoverCommand(): Command {
  return new Command('recover')
    .description(
      'when most members are lost for good: make this one, stopped, the only one. What only the ' +
        'lost ones held is gone, though it may have been acknowledged',
    )
    .requiredOption('--id <id>', 'which member this is')
    .requiredOption('--cluster-id <text>', 'the name of the cluster so far')
    .requiredOption('--new-cluster-id <text>', 'its name from here on: the lost ones are shut out')
    .requiredOption('--data <directory>', "this member's own data")
    .requiredOption('--lost <ids>', 'every other member, such as 2,3: the proof that it is meant')
    .requiredOption('--reason <text>', 'who orders it and why; kept for ever')
    .option('--json', 'print one JSON object')
    .action((options: RecoverOptions) =>
      reporting(
        options.json,
        () => recover(options),
        (error) => recoveryError(error, options.data),
      ),
    );
}

async function recover(options: RecoverOptions): Promise<ExitCode> {
  const directory = argumentText(options.data, '--data');
  const clusterId = argumentText(options.clusterId, '--cluster-id');
  const newClusterId = argumentText(options.newClusterId, '--new-cluster-id');
  const reason = argumentText(options.reason, '--reason');
  const memberId = argumentInteger(options.id, 'member id', 1, MAX_MEMBER_ID);
  const lostVoters = options.lost
    .split(',')
    .map((id) => argumentInteger(id, 'member id in --lost', 1, MAX_MEMBER_ID));
  const order = { directory, clusterId, newClusterId, memberId, lostVoters, reason };
  const { index, term } = await forceRecovery(order);
  await new Output(process.stdout).result(options.json, { index, term, clusterId: newClusterId }, [
    `Member ${memberId} is the only one of cluster ${displayMessage(newClusterId)} from entry ` +
      `${index} (term ${term}) on. Start it with --cluster-id ${displayMessage(newClusterId)}.`,
  ]);
  return ExitCode.Ok;
}

function recoveryError(error: unknown, directory: string): unknown {
  if (isRaftError(error, 'RECOVERY_REFUSED')) {
    return new InodeAppError('ARGUMENT_INVALID', displayMessage(error.message), { cause: error });
  }
  return startError(error, { kind: 'data', name: directory });
}
