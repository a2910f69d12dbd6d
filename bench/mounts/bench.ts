import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { NamespaceClient } from 'inode-app';
import type { Storage, StorageDriver, StorageOptions } from 'inode-app/storages';
import type { MountCluster } from './mount-cluster.js';

/** What every part of the bench works with. */
export interface MountBench {
  readonly cluster: MountCluster;
  readonly client: NamespaceClient;
  /** Of the bench's own, gone afterwards. */
  readonly directory: string;
  /** Of the first listing. */
  readonly entries: number;
  /** Of the large directory that is in sync. */
  readonly listed: number;
  /** That a phase lasts. */
  readonly seconds: number;
  readonly clients: number;
}

/** A place in a storage, with and without us. */
export interface Place {
  readonly name: string;
  readonly driver: StorageDriver;
  readonly uri: string;
  readonly options: StorageOptions;
  /** Under which the masters have these credentials; empty for none. */
  readonly profile: string;
}

/** What the masters, and the bench itself, come to storages of S3 with. */
export const CREDENTIALS = { accessKeyId: 'bench-access', secretAccessKey: 'bench-secret' };
export const PROFILE = 'bench';

export function openPlace({ driver, uri, options, profile }: Place): Promise<Storage> {
  return driver.open(uri, options, profile === '' ? undefined : CREDENTIALS);
}

export function fileName(n: number): string {
  return `part-${String(n).padStart(8, '0')}.parquet`;
}

/** A directory of empty files. */
export function makeFiles(directory: string, files: number): void {
  mkdirSync(directory, { recursive: true });
  for (let n = 0; n < files; n += 1) closeSync(openSync(join(directory, fileName(n)), 'w'));
}

/** The storage's own listing: what comes before us. */
export async function listAlone(place: Place) {
  await using storage = await openPlace(place);
  const cpu = process.cpuUsage();
  const from = performance.now();
  let entries = 0;
  for await (const page of storage.list('', new AbortController().signal)) {
    entries += page.entries.length;
  }
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { entries, seconds, processorMs: (user + system) / 1000 };
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}

export function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}
