import { StateMachineService } from '@raft-ts/statemachine';
import { byteString, type FoundBy, type NamespaceMachine, parseAnswer } from 'inode-app/store';
import { type Entry, EntryType, type LogState, type LogStore } from 'raft-ts';
import { decodeMembershipRecord } from 'raft-ts/core';
import { type MemberData, openLog, openMachine } from './member.js';

/** Of a directory. */
const MAX_ENTRIES = 100;
/** As an inode's row has it. */
const DIRECTORY = 0;
const MAX_READ_BYTES = 64 * 1024 * 1024;

/** All that a member's data directory holds, as JSON. Opening it changes files. */
export async function contentsOf(data: MemberData): Promise<object> {
  const log = await logContents(data);
  const store = await storeContents(data);
  return { log, store };
}

export interface LogContents
  extends Pick<LogState, 'hardState' | 'base' | 'lastIndex' | 'termRuns'> {
  /** Those of the members in words, others in hexadecimal. */
  readonly entries: readonly object[];
}

/** What its log holds. */
export async function logContents(data: MemberData): Promise<LogContents> {
  await using log = await openLog(data);
  const { hardState, base, lastIndex, termRuns } = log.initial;
  return { hardState, base, lastIndex, termRuns, entries: await entriesOf(log) };
}

async function entriesOf(log: LogStore): Promise<object[]> {
  const { base, lastIndex } = log.initial;
  const entries: Entry[] = [];
  while (base.index + entries.length < lastIndex) {
    const first = base.index + entries.length + 1;
    entries.push(...(await log.read(first, lastIndex, MAX_READ_BYTES)));
  }
  return entries.map((entry) => ({ ...entry, data: payloadOf(entry) }));
}

function payloadOf({ type, data }: Entry): unknown {
  if (type === EntryType.Membership) return decodeMembershipRecord(data);
  return Buffer.from(data).toString('hex');
}

async function storeContents(data: MemberData): Promise<object> {
  const machine = await openMachine(data);
  await using service = await StateMachineService.open({ machine, clientAddresses: new Map() });
  const { sessions, savedResultBytes, logTimeMs, appliedIndex } = service.status();
  const { directories, files, symbolicLinks, reclaiming } = machine.statistics();
  return {
    appliedIndex,
    logTimeMs,
    sessions,
    savedResultBytes,
    counts: { directories, files, symbolicLinks, reclaiming },
    tree: await treeOf(machine),
  };
}

/** Every inode by its path; a character for each byte of it. */
async function treeOf(machine: NamespaceMachine): Promise<Record<string, object>> {
  const tree: Record<string, object> = { '/': await statusOf(machine, '/') };
  const directories = ['/'];
  for (const directory of directories) {
    for (const { name, inode } of await list(machine, directory)) {
      const path = `${directory === '/' ? '' : directory}/${name}`;
      tree[path] = inode;
      if (inode.type === DIRECTORY) directories.push(path);
    }
  }
  return tree;
}

async function statusOf(machine: NamespaceMachine, path: string): Promise<FoundBy<'getStatus'>> {
  const query = { kind: 'getStatus', path: byteString(path) } as const;
  const answer = parseAnswer(query, await machine.query(query));
  if ('id' in answer) return answer;
  throw new Error(`there is no status of ${path}: ${answer[0]}`);
}

async function list(machine: NamespaceMachine, path: string): Promise<FoundBy<'list'>['entries']> {
  const start = { kind: 'list', path: byteString(path), after: byteString('') } as const;
  const query = { ...start, limit: MAX_ENTRIES } as const;
  const answer = parseAnswer(query, await machine.query(query));
  if ('more' in answer && !answer.more) return answer.entries;
  throw new Error(`${path} can't be listed, or has more than ${MAX_ENTRIES} entries`);
}
