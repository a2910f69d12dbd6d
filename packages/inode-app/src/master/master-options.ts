import {
  address,
  callback,
  completeOptions,
  listOf,
  nested,
  type OptionsForm,
  optional,
  text,
  wholeNumber,
  withMethods,
  yesOrNo,
} from '@raft-ts/net/options';
import type { LeaseReads, LogStore, MemberId } from 'raft-ts';
import { memberId } from 'raft-ts/core';
import { freeDiskBytes, RocksLogStore } from 'raft-ts/rocksdb';
import { displayMessage } from '../display-names.js';
import { argumentInvalid } from '../errors.js';
import type { StorageDriver } from '../storages/storage.js';
import { type DiskLimits, diskLimits } from './disk/disk-limits.js';
import type { LogLine } from './log-lines.js';
import { givenTwice, type MemberAddresses } from './members.js';
import * as memory from './memory-limits.js';
import { LEAST_MEMORY_BYTES } from './memory-limits.js';

export interface MasterOptions {
  readonly id: MemberId;
  /** Every member of a cluster has the same; no two clusters do. */
  readonly clusterId: string;
  /** Made when it is missing. It belongs to this member of this cluster from then on. */
  readonly directory: string;
  /**
   * Who founds the cluster, this member included: the same on each of them. Used by the first start on an
   * empty directory; from then on the log says who takes part, and where: it may be empty then.
   */
  readonly members: readonly MemberAddresses[];
  /** Where others and clients reach this member, where `members` and log do not say it. */
  readonly advertise?: Omit<MemberAddresses, 'id'>;
  /**
   * Client addresses of a cluster that this member comes to: it begins with nothing, and waits until it is
   * added. Without effect where there is data.
   */
  readonly join?: readonly string[];
  /**
   * Where this member listens, where that is not where the others and clients reach it. See
   * `listenAddresses` for what it does by default.
   */
  readonly listen?: Omit<MemberAddresses, 'id'>;
  /**
   * This member was part of the cluster and its data has gone: it takes part only once the others
   * have brought it up to date. Without effect where there is data.
   */
  readonly rejoin?: boolean;
  /**
   * Bytes that must be free before a member whose disk was full takes part again. A leader hands
   * over the lead below a quarter of it. 256 MiB by default.
   */
  readonly resumeFreeBytes?: number;
  /**
   * The log is cut before its entries hold more bytes than this; about half of it stays, so far as no
   * member lacks more. 256 MiB by default, and no limit for a member without an HTTP address. Given, it is
   * cut also there, though it could not fetch the tree of another one.
   */
  readonly logLimitBytes?: number;
  /**
   * Bytes of memory that this process stays below, however large the tree is: what there is beyond the least goes
   * into caches. 400 MiB by default, and at least. The heap is bounded by Node's own `--max-old-space-size`.
   */
  readonly memoryBytes?: number;
  /** Bytes a second of states that are sent to others, and of one that is fetched. No limit by default. */
  readonly snapshotBytesPerSecond?: number;
  /**
   * A leader answers reads without asking the others as long as its lease holds: the same on every
   * member, and only where no machine is put to sleep. Off when not given.
   */
  readonly leaseReads?: LeaseReads;
  /** Kinds of storage systems that can be mounted: by default local directories, S3 and WebHDFS. */
  readonly storages?: readonly StorageDriver[];
  /**
   * A file of this member's own with credentials for storages, by name: a JSON object with an object of texts for each
   * name. Read when a storage is opened.
   */
  readonly profiles?: string;
  /** Takes lines for people: changes of the lead, and connections that were turned away. */
  readonly log?: LogLine;
}

const addresses = {
  memberAddress: address,
  clientAddress: address,
  httpAddress: optional(address),
};
const addressesForm: OptionsForm<Omit<MemberAddresses, 'id'>, object> = {
  fields: addresses,
  defaults: {},
};
const memberForm: OptionsForm<MemberAddresses, object> = {
  fields: { id: memberId, ...addresses },
  defaults: {},
};

const masterOptionsForm: OptionsForm<MasterOptions, object> = {
  fields: {
    id: memberId,
    clusterId: text,
    directory: text,
    members: listOf(nested(memberForm)),
    advertise: optional(nested(addressesForm)),
    join: optional(listOf(address, 1)),
    listen: optional(nested(addressesForm)),
    rejoin: optional(yesOrNo),
    resumeFreeBytes: optional(wholeNumber(1)),
    logLimitBytes: optional(wholeNumber(1)),
    memoryBytes: optional(wholeNumber(LEAST_MEMORY_BYTES)),
    snapshotBytesPerSecond: optional(wholeNumber(1)),
    // What it holds, the replica checks.
    leaseReads: optional(withMethods()),
    storages: optional(listOf(withMethods('parse', 'open'))),
    profiles: optional(text),
    log: optional(callback()),
  },
  defaults: {},
  rules: ({ members }) => {
    const twice = givenTwice(members);
    return twice === undefined ? [] : [`members: ${twice} is given twice`];
  },
};

/** The options without what is undefined. Throws ARGUMENT_INVALID. */
export function completeMasterOptions(options: MasterOptions): MasterOptions {
  return completeOptions(masterOptionsForm, options, argumentInvalid);
}

/** What of a member's data was found damaged while it took part. */
export interface FoundDamage {
  readonly part: 'log' | 'tree';
  readonly error: Error;
}

/** A member that has just closed its files opens them again. */
export interface Reopening {
  readonly damage: FoundDamage | undefined;
}

/** What a master needs of its disk. */
export interface MasterDisk {
  readonly limits: DiskLimits;
  openLog(options: MasterOptions, signal: AbortSignal, reopening?: Reopening): Promise<LogStore>;
  freeBytes(directory: string): Promise<number>;
}

/** The disk that the options name. */
export function realDisk({ resumeFreeBytes }: MasterOptions): MasterDisk {
  return { limits: diskLimits(resumeFreeBytes), openLog, freeBytes: freeDiskBytes };
}

function openLog(
  options: MasterOptions,
  signal: AbortSignal,
  reopening?: Reopening,
): Promise<LogStore> {
  const { directory, clusterId, id, log } = options;
  const damage = reopening?.damage;
  return RocksLogStore.open({
    directory,
    clusterId,
    memberId: id,
    onDamage: 'replace',
    existing: reopening !== undefined,
    ...(damage?.part === 'log' ? { knownDamage: damage.error.message } : {}),
    onReplaced: (reason) => log?.(displayMessage(`the log is damaged and begins anew: ${reason}`)),
    memtableBudgetBytes: memory.LOG_MEMTABLE_BYTES,
    blockCacheBytes: memory.LOG_BLOCK_CACHE_BYTES,
    signal,
  });
}
