import { chmodSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { JepsenError } from '../../errors.js';
import { hostCommandProblem, runHostCommand } from '../host-command.js';
import { isMounted, type MachineRecord } from '../leftovers.js';
import { growBallast, removeBallast } from './ballast.js';
import type { DiskKind, MemberDisks } from './member-disk.js';

const MEMORY_REASON =
  'disks in memory lose nothing while the machine has power: choose disks of the kind devices';
const UNMOUNT_POLL_MS = 20;
const MAX_UNMOUNT_MS = 10_000;

export interface MountedDiskOptions {
  /** Where each member's file system is mounted, by the members' ids. */
  readonly mountPoints: ReadonlyMap<number, string>;
  /** Of each file system. */
  readonly bytes: number;
  /** For what the devices lie in. */
  readonly scratchDirectory: string;
  readonly record: MachineRecord;
}

/** Within a member's file system. */
const DATA = 'data';
const BALLAST = 'ballast';

/** Why there are none of this kind here; undefined: there are. */
export async function mountedDisksProblem(kind: DiskKind): Promise<string | undefined> {
  if (kind === 'directories') return undefined;
  if (process.platform !== 'linux') return 'disks of members need Linux';
  if (process.getuid?.() !== 0) return 'disks of members need root';
  const programs = kind === 'devices' ? ['mount', 'mkfs.ext4', 'xfs_io'] : ['mount'];
  for (const program of programs) {
    const problem = await hostCommandProblem('sh', '-c', `command -v ${program}`);
    if (problem !== undefined) return `disks of the kind ${kind} need the program ${program}`;
  }
  // Root of a container may not be allowed to, and have no devices.
  const refusal = await hostCommandProblem('unshare', '--mount', 'true');
  if (refusal !== undefined) return `nothing can be mounted here: ${refusal}`;
  if (kind === 'devices') return await hostCommandProblem('losetup', '--find');
  return undefined;
}

/** A file system of each member's own: in memory, or on a file as its device. */
export class MountedDisks implements MemberDisks {
  readonly kind: 'memory' | 'devices';
  readonly unavailable: MemberDisks['unavailable'];
  readonly #options: MountedDiskOptions;

  private constructor(kind: 'memory' | 'devices', options: MountedDiskOptions) {
    this.kind = kind;
    this.unavailable = kind === 'memory' ? { cutPower: MEMORY_REASON } : {};
    this.#options = options;
  }

  /** Rejects with CLUSTER_FAILED where they can't be had. */
  static async open(
    kind: 'memory' | 'devices',
    options: MountedDiskOptions,
  ): Promise<MountedDisks> {
    const problem = await mountedDisksProblem(kind);
    if (problem !== undefined) throw new JepsenError('CLUSTER_FAILED', problem);
    const disks = new MountedDisks(kind, options);
    try {
      for (const [id, mountPoint] of options.mountPoints) await disks.#create(id, mountPoint);
      return disks;
    } catch (error) {
      await disks[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where a member's data lies. */
  directoryOf(id: number): string {
    return join(this.#mountPoint(id), DATA);
  }

  async fill(id: number, freeBytes = 0): Promise<void> {
    await growBallast(join(this.#mountPoint(id), BALLAST), freeBytes);
  }

  async free(id: number): Promise<void> {
    removeBallast(join(this.#mountPoint(id), BALLAST));
  }

  async losePower(id: number, stop: () => Promise<void>): Promise<void> {
    const reason = this.unavailable.cutPower;
    if (reason !== undefined) throw new JepsenError('NEMESIS_UNAVAILABLE', reason);
    const mountPoint = this.#mountPoint(id);
    // Without writing out what is in memory, as the ioctl FS_IOC_SHUTDOWN has it.
    await runHostCommand('xfs_io', '-x', '-c', 'shutdown', mountPoint);
    await stop();
    await unmount(mountPoint);
    await this.#mount(id, mountPoint);
  }

  /** What members left stays, in plain directories. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { mountPoints, record } = this.#options;
    const taken = await Promise.allSettled(
      [...mountPoints.values()].map(async (mountPoint) => {
        if (isMounted(mountPoint)) await keepData(mountPoint);
        record.remove('mounts', mountPoint);
      }),
    );
    for (const one of taken) if (one.status === 'rejected') throw one.reason;
  }

  async #create(id: number, mountPoint: string): Promise<void> {
    const { bytes, record } = this.#options;
    if (this.kind === 'devices') {
      const image = this.#image(id);
      await runHostCommand('truncate', `--size=${bytes}`, image);
      await runHostCommand('mkfs.ext4', '-q', '-F', '-m', '0', image);
    }
    record.add('mounts', mountPoint);
    await this.#mount(id, mountPoint);
    chmodSync(mountPoint, 0o755);
    mkdirSync(this.directoryOf(id));
    // A loss of power is not to take the directory itself.
    await runHostCommand('sync', '--file-system', mountPoint);
  }

  async #mount(id: number, mountPoint: string): Promise<void> {
    if (this.kind === 'memory') {
      const options = `size=${this.#options.bytes}`;
      await runHostCommand('mount', '-t', 'tmpfs', '-o', options, 'jepsen', mountPoint);
      return;
    }
    // ext4 syncs what is renamed over another file unless told not to: other file systems do not.
    const options = 'loop,noauto_da_alloc';
    await runHostCommand('mount', '-t', 'ext4', '-o', options, this.#image(id), mountPoint);
  }

  #image(id: number): string {
    return join(this.#options.scratchDirectory, `n${id}.ext4`);
  }

  #mountPoint(id: number): string {
    const mountPoint = this.#options.mountPoints.get(id);
    if (mountPoint === undefined) throw new JepsenError('OPTIONS_INVALID', `no member ${id}`);
    return mountPoint;
  }
}

async function keepData(mountPoint: string): Promise<void> {
  const kept = `${mountPoint}.kept`;
  const data = join(mountPoint, DATA);
  const problem = await hostCommandProblem('cp', '--archive', data, kept);
  await unmount(mountPoint);
  if (problem !== undefined) {
    rmSync(kept, { recursive: true, force: true });
    throw new JepsenError('CLUSTER_FAILED', `what is in ${data} is not kept: ${problem}`);
  }
  rmdirSync(mountPoint);
  mkdirSync(mountPoint);
  renameSync(kept, data);
}

/** What has just ended may hold it for a moment still. */
async function unmount(mountPoint: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += UNMOUNT_POLL_MS) {
    const problem = await hostCommandProblem('umount', mountPoint);
    if (problem === undefined) return;
    if (waitedMs >= MAX_UNMOUNT_MS) throw new JepsenError('CLUSTER_FAILED', problem);
    await pause(UNMOUNT_POLL_MS);
  }
}
