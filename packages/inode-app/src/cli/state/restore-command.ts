import { resolve } from 'node:path';
import { Command } from 'commander';
import { displayMessage } from '../../display-names.js';
import { argumentInvalid } from '../../errors.js';
import { endpointsOf, MAX_MEMBER_ID, MEMBERS_FORM, parseMembers } from '../../master/members.js';
import { restoreMember } from '../../master/restore-member.js';
import { argumentInteger, argumentText } from '../arguments.js';
import { ExitCode } from '../exit-code.js';
import { count } from '../load/load-summary.js';
import { Output } from '../output.js';
import { ownCommand } from '../own-command.js';
import { reporting } from '../report.js';
import { interruptible, type LongWork } from './interruptible.js';
import { stateError } from './state-error.js';

interface RestoreCommandOptions {
  readonly id: string;
  readonly clusterId: string;
  readonly data: string;
  readonly members: string;
  readonly json?: boolean;
}

/** `inode-app restore`: makes the data directory of one founder of a cluster. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description(
      "make the data directory of a member that founds a cluster with a backup's tree: for each " +
        'founder, before any of them is started, from the same file and with the same list',
    )
    .argument('<file>', 'a backup')
    .requiredOption('--id <id>', 'which member this is')
    .requiredOption('--cluster-id <text>', 'what the cluster is to be called')
    .requiredOption('--data <directory>', "this member's own data: empty, or not there yet")
    .requiredOption('--members <list>', `who founds the cluster, this one too: ${MEMBERS_FORM}`)
    .option('--json', 'print one JSON object')
    .action((file: string, options: RestoreCommandOptions) =>
      reporting(
        options.json,
        () => interruptible(options.json, (long) => restore(file, options, long)),
        (error) => stateError(error, { file, data: options.data, room: options.data }),
      ),
    );
}

async function restore(
  file: string,
  options: RestoreCommandOptions,
  { signal, show }: LongWork,
): Promise<ExitCode> {
  const id = argumentInteger(options.id, 'member id', 1, MAX_MEMBER_ID);
  const directory = argumentText(options.data, '--data');
  const clusterName = argumentText(options.clusterId, '--cluster-id');
  const members = parseMembers(options.members);
  if (!members.some((member) => member.id === id)) {
    throw argumentInvalid(`--members: member ${id} is not in the list`);
  }
  const founders = Object.fromEntries(
    members.map(({ id: each, ...addresses }) => [each, endpointsOf(addresses)]),
  );
  const progress = (rows: number, totalRows: number) =>
    show(() => `${count(rows)} of ${count(totalRows)} rows restored`);
  const { clusterId, manifest } = await restoreMember(
    { file: argumentText(file, 'the file'), directory, id, clusterName, founders, progress },
    signal,
  );
  const { index, term } = manifest.header.base;
  const { rows } = manifest.extent;
  const start = [
    ...ownCommand(),
    'master',
    '--id',
    `${id}`,
    '--cluster-id',
    clusterId,
    '--data',
    // The printed command works in any directory.
    resolve(directory),
  ];
  await new Output(process.stdout).result(
    options.json,
    { clusterId, id, directory, index, term, rows, start },
    [
      `Member ${id} of cluster ${displayMessage(clusterId)} is in ${displayMessage(directory)}: ${count(rows)} rows, as of entry ${index}.`,
      `Restore each founder, and start them then: ${displayMessage(start.map(shellWord).join(' '))}`,
    ],
  );
  return ExitCode.Ok;
}

/** As a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
