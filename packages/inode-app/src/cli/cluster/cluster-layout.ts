import { resolve } from 'node:path';
import { formatAddresses, formatMembers, type MemberAddresses } from '../../master/members.js';
import { LEAST_MEMORY_BYTES } from '../../master/memory-limits.js';
import { ADDRESSES_VARIABLE, DEFAULT_CLIENT_PORT, DEFAULT_HOST } from '../addresses.js';
import { ownCommand } from '../own-command.js';
import { type ClusterDirectory, DEFAULT_MEMBERS, memberDirectory } from './cluster-directory.js';

export interface Ports {
  /** The first of the ports in a row for clients. */
  readonly clientPort: number;
  /** The first of the ports in a row on which members talk to each other. */
  readonly memberPort: number;
  /** The first of the ports in a row on which they give each other their state. */
  readonly httpPort: number;
}

/** A cluster whose members all run on this machine. */
export class ClusterLayout {
  readonly members: readonly MemberAddresses[];

  /**
   * `lost`: members whose data has gone. `size`: members, those that are to be added included. `memoryBytes`: what
   * each stays below. `furtherOptions`: of `inode-app master`, as each is given them.
   */
  constructor(
    readonly directory: ClusterDirectory,
    readonly ports: Ports,
    readonly lost: readonly number[] = [],
    size: number = directory.members,
    readonly memoryBytes: number = LEAST_MEMORY_BYTES,
    readonly furtherOptions: readonly string[] = [],
  ) {
    this.members = Array.from({ length: size }, (_, at) => ({
      id: at + 1,
      memberAddress: `${DEFAULT_HOST}:${ports.memberPort + at}`,
      clientAddress: `${DEFAULT_HOST}:${ports.clientPort + at}`,
      httpAddress: `${DEFAULT_HOST}:${ports.httpPort + at}`,
    }));
  }

  /** Members that take part already, or found the cluster. */
  get present(): readonly MemberAddresses[] {
    return this.members.slice(0, this.directory.members);
  }

  /** Members that are to be added once the cluster serves. */
  get comers(): readonly MemberAddresses[] {
    return this.members.slice(this.directory.members);
  }

  get clientAddresses(): readonly string[] {
    return this.members.map((member) => member.clientAddress);
  }

  dataDirectory(id: number): string {
    return memberDirectory(this.directory.path, id);
  }

  /** What `inode-app master` is given to be a member. */
  masterArguments(id: number): readonly string[] {
    return [
      '--id',
      `${id}`,
      '--cluster-id',
      this.directory.clusterId,
      '--data',
      resolve(this.dataDirectory(id)),
      ...this.#clusterArguments(id),
      ...(this.lost.includes(id) ? ['--rejoin'] : []),
      ...this.#memoryArguments(),
      ...this.furtherOptions,
    ];
  }

  #clusterArguments(id: number): readonly string[] {
    const comer = this.comers.find((each) => each.id === id);
    if (comer === undefined) return ['--members', formatMembers(this.present)];
    const known = this.present.map((member) => member.clientAddress).join(',');
    return ['--join', known, '--advertise', formatAddresses(comer)];
  }

  #memoryArguments(): readonly string[] {
    if (this.memoryBytes === LEAST_MEMORY_BYTES) return [];
    return ['--memory', `${this.memoryBytes / (1024 * 1024)}`];
  }

  /** The command that starts a member by hand, for a shell. */
  masterCommand(id: number): string {
    return shellWords([...ownCommand(), 'master', ...this.masterArguments(id)]);
  }

  /** Commands to try, for a shell: where clients find the members comes first, unless they know. */
  commandsToTry(): readonly string[] {
    const { clientPort } = this.ports;
    const commands = [
      ['status'],
      ['load', '/usr/share', '--into', '/share'],
      ['fs', 'ls', '-l', '/'],
    ].map((words) => shellWords([...ownCommand(), ...words]));
    const addresses = `${ADDRESSES_VARIABLE}=${this.clientAddresses.join(',')}`;
    const isUsual = clientPort === DEFAULT_CLIENT_PORT && this.members.length === DEFAULT_MEMBERS;
    return isUsual ? commands : [`export ${addresses}`, ...commands];
  }
}

function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** A word as a shell takes it for one. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
