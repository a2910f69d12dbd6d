import type { ClusterMember, ClusterMembership, ReplicatedClient } from '@raft-ts/statemachine';
import { Command } from 'commander';
import type { Endpoints, MemberId } from 'raft-ts';
import { MAX_PRIORITY } from 'raft-ts/core';
import { type Extent, extentOf, withMembership } from '../client/cluster-members.js';
import { displayMessage } from '../display-names.js';
import { InodeAppError } from '../errors.js';
import {
  endpointsOf,
  LISTEN_FORM,
  MAX_MEMBER_ID,
  MEMBER_FORM,
  parseAddresses,
  parseMember,
} from '../master/members.js';
import { clientAddresses } from './addresses.js';
import { argumentInteger, argumentTimeout } from './arguments.js';
import { addConnectionOptions, type ConnectionOptions } from './connection-options.js';
import { ExitCode } from './exit-code.js';
import { Output } from './output.js';
import { reporting } from './report.js';
import { type Column, formatTable } from './table.js';

const TIMEOUT_SECONDS = 10;
/** A member that comes later takes all that there is first. */
const ADD_TIMEOUT_SECONDS = 600;

interface MembersOptions extends ConnectionOptions {
  readonly unchecked?: boolean;
}

/** What a command does, with its arguments read already; in which membership it ends. */
type Work = (client: ReplicatedClient, options: MembersOptions) => Promise<ClusterMembership>;

/** `inode-app members`: who takes part in a cluster, and how to change that while it serves. */
export function membersCommand(): Command {
  const list = described('list', 'all members, as the leader knows them').action(
    (options: MembersOptions) => run(options, () => (client) => client.membership()),
  );
  const members = new Command('members')
    .description('who takes part in a running cluster: see it, change it')
    .addCommand(list, { isDefault: true });
  for (const command of [...changesOfMembers(), ...changesOfVoters()]) members.addCommand(command);
  return members;
}

function changesOfMembers(): readonly Command[] {
  const add = adding('add', 'add a master that was started with --join')
    .argument('<member>', MEMBER_FORM)
    .action((member: string, options: MembersOptions) =>
      run(options, () => added(member), unreached),
    );
  const replace = adding('replace', 'put a master that was started with --join in the place of one')
    .argument('<id>', 'who goes')
    .argument('<member>', `who comes: ${MEMBER_FORM}`)
    .action((id: string, member: string, options: MembersOptions) =>
      run(options, () => added(member, memberId(id)), unreached),
    );
  const remove = described('remove', 'let a member take part no more; stop its process then')
    .argument('<id>')
    .action((id: string, options: MembersOptions) =>
      run(options, () => changed(memberId(id), 'remove')),
    );
  const setAddress = described('set-address', 'say where a member is reached from now on')
    .option('--unchecked', 'though it may not answer there yet')
    .argument('<id>')
    .argument('<addresses>', LISTEN_FORM)
    .action((id: string, addresses: string, options: MembersOptions) =>
      run(options, () => moved(memberId(id), endpointsOf(parseAddresses(addresses)))),
    );
  return [add, replace, remove, setAddress];
}

function changesOfVoters(): readonly Command[] {
  const promote = described('promote', 'make a learner a voter', ADD_TIMEOUT_SECONDS)
    .argument('<id>')
    .action((id: string, options: MembersOptions) => run(options, () => promoted(memberId(id))));
  const demote = described('demote', 'make a voter a learner, which counts for nothing')
    .argument('<id>')
    .action((id: string, options: MembersOptions) =>
      run(options, () => changed(memberId(id), 'add-learner')),
    );
  const transfer = described('transfer', 'hand the lead to a voter')
    .argument('<id>')
    .action((id: string, options: MembersOptions) => run(options, () => led(memberId(id))));
  const priority = described('priority', 'say who is to lead: 3 first, 0 only when nobody else can')
    .argument('<id>')
    .argument('<priority>', `from 0 to ${MAX_PRIORITY}`)
    .action((id: string, value: string, options: MembersOptions) =>
      run(options, () => prioritized(memberId(id), value)),
    );
  return [promote, demote, transfer, priority];
}

function described(name: string, description: string, timeoutSeconds = TIMEOUT_SECONDS): Command {
  return addConnectionOptions(new Command(name).description(description), timeoutSeconds);
}

function adding(name: string, description: string): Command {
  return described(name, description, ADD_TIMEOUT_SECONDS).option(
    '--unchecked',
    'without asking it who it is, where it is not reached from here',
  );
}

function added(text: string, replaces?: MemberId): Work {
  const { id, ...addresses } = parseMember(text);
  return (client, { unchecked = false }) => {
    const options = { unchecked, ...(replaces === undefined ? {} : { replaces }) };
    return client.addMember(id, endpointsOf(addresses), options);
  };
}

/** Who is to come has to run before it is added. */
function unreached(error: unknown): unknown {
  if (!(error instanceof InodeAppError) || error.code !== 'MEMBER_UNREACHABLE') return error;
  const message =
    `${error.message}. A master comes to a cluster with --join, its own --id and that cluster's ` +
    '--cluster-id: see inode-app master --help';
  return new InodeAppError(error.code, message, { cause: error });
}

function changed(id: MemberId, type: 'remove' | 'add-learner'): Work {
  return async (client) => {
    memberIn(await client.membership(), id);
    return client.changeMembership([{ type, id }]);
  };
}

function moved(id: MemberId, endpoints: Endpoints): Work {
  return (client, { unchecked = false }) => client.setEndpoints(id, endpoints, { unchecked });
}

function promoted(id: MemberId): Work {
  return async (client) => {
    const { endpoints } = memberIn(await client.membership(), id);
    if (endpoints !== undefined) return client.addMember(id, endpoints);
    return client.changeMembership([{ type: 'add-voter', id }]);
  };
}

function led(id: MemberId): Work {
  return async (client) => {
    await client.transferLeadership(id);
    return client.membership();
  };
}

function prioritized(id: MemberId, text: string): Work {
  const priority = argumentInteger(text, 'priority', 0, MAX_PRIORITY);
  return (client) => client.setPriority(id, priority);
}

function memberIn({ members }: ClusterMembership, id: MemberId): ClusterMember {
  const member = members.find((each) => each.id === id);
  if (member !== undefined) return member;
  const who = members.map((each) => each.id).join(', ');
  throw new InodeAppError('CHANGE_INVALID', `there is no member ${id}; there are ${who}`);
}

function memberId(text: string): MemberId {
  return argumentInteger(text, 'member id', 1, MAX_MEMBER_ID);
}

/** Prints the membership in which the work ends. `prepared` reads the arguments; `explained` as of `reporting`. */
function run(
  options: MembersOptions,
  prepared: () => Work,
  explained?: (error: unknown) => unknown,
): Promise<void> {
  const shown = async () => {
    const work = prepared();
    const connection = {
      addresses: clientAddresses(options.addresses, process.env),
      timeoutMs: argumentTimeout(options.timeout),
    };
    const membership = await withMembership(connection, (client) => work(client, options));
    const shown = shownMembership(membership);
    await new Output(process.stdout).result(options.json, shown, membersText(shown));
    return ExitCode.Ok;
  };
  return reporting(options.json, shown, explained);
}

type ShownMember = Omit<ClusterMember, keyof Extent> & Extent;

/** A membership without figures that its leader does not know. */
export interface ShownMembership extends Omit<ClusterMembership, 'members'> {
  readonly members: readonly ShownMember[];
}

export function shownMembership(membership: ClusterMembership): ShownMembership {
  const members = membership.members.map((member) => ({ ...member, ...extentOf(member) }));
  return { ...membership, members };
}

const COLUMNS: readonly Column<ShownMember>[] = [
  { heading: 'member', align: 'right', cell: ({ id }) => `${id}` },
  { heading: 'role', cell: ({ role, recovering }) => (recovering ? 'recovering' : role) },
  { heading: 'priority', align: 'right', cell: ({ priority }) => `${priority ?? MAX_PRIORITY}` },
  { heading: 'heard', cell: heardText },
  { heading: 'lag', align: 'right', cell: ({ lag }) => `${lag ?? '-'}` },
  { heading: 'members', cell: ({ endpoints }) => endpoints?.member ?? '-' },
  { heading: 'clients', cell: ({ endpoints }) => endpoints?.client ?? '-' },
  { heading: 'http', cell: ({ endpoints }) => endpoints?.http ?? '-' },
];

function heardText({ active, match }: ShownMember): string {
  if (active) return 'yes';
  return match === null ? 'not yet' : 'no';
}

/** The membership as a person reads it. */
export function membersText(membership: ShownMembership): readonly string[] {
  const { clusterId, leader, index, joint, members } = membership;
  return [
    `cluster ${displayMessage(clusterId)}, member ${leader} leads, as of entry ${index}`,
    ...formatTable(COLUMNS, members),
    ...(joint ? ['a change is under way'] : []),
  ];
}
