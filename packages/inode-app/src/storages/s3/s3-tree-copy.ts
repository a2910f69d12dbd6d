import { eachInParallel } from './parallel.js';
import type { S3Bucket, S3Object } from './s3-bucket.js';
import { isAnother, type S3Copier } from './s3-copier.js';
import { compareKeys } from './s3-keys.js';

interface Pair {
  readonly source: S3Object;
  /** Where its copy is, or goes. */
  readonly key: string;
  /** What is there. */
  readonly there: S3Object | undefined;
}

/** Copies all keys below one prefix to another, and deletes what was copied: keys as they are, be they entries or not. */
export class S3TreeCopy {
  readonly #bucket: S3Bucket;
  readonly #copier: S3Copier;
  readonly #parallel: number;

  constructor(bucket: S3Bucket, copier: S3Copier, parallel: number) {
    this.#bucket = bucket;
    this.#copier = copier;
    this.#parallel = parallel;
  }

  /** `done` is told of each key. */
  async copy(source: string, target: string, done: () => void, signal: AbortSignal): Promise<void> {
    for await (const pairs of this.#pairs(source, target, signal)) {
      await eachInParallel(pairs, this.#parallel, signal, async (pair, within) => {
        await this.#copyOne(pair, within);
        done();
      });
    }
  }

  /** Resolves with how many keys stay. */
  async removeCopied(
    source: string,
    target: string,
    done: () => void,
    signal: AbortSignal,
  ): Promise<number> {
    let stayed = 0;
    for await (const pairs of this.#pairs(source, target, signal)) {
      const copied: string[] = [];
      await eachInParallel(
        pairs,
        this.#parallel,
        signal,
        async ({ source: object, there }, within) => {
          const isCopied =
            there !== undefined && (await this.#copier.isCopy(object, there, within));
          if (isCopied) copied.push(object.key);
          else stayed++;
        },
      );
      await this.#bucket.deleteAll(copied, signal);
      for (const _ of copied) done();
    }
    return stayed;
  }

  async #copyOne({ source, key, there }: Pair, signal: AbortSignal): Promise<void> {
    if (there === undefined) return this.#copier.copy(source, key, signal);
    if (!(await this.#copier.isCopy(source, there, signal))) throw isAnother(key);
  }

  /** Page by page, each key with what is at its destination: both are listed once, side by side. */
  async *#pairs(
    source: string,
    target: string,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Pair[], void, void> {
    const there = new ListedObjects(
      this.#bucket.list({ prefix: target, isDelimited: false }, signal),
    );
    for await (const { objects } of this.#bucket.list(
      { prefix: source, isDelimited: false },
      signal,
    )) {
      const last = objects.at(-1);
      if (last === undefined) continue;
      const keyOf = ({ key }: S3Object) => target + key.slice(source.length);
      const known = await there.upTo(keyOf(last));
      yield objects.map((object) => ({
        source: object,
        key: keyOf(object),
        there: known.get(keyOf(object)),
      }));
    }
  }
}

/** A listing, taken key by key as far as needed. */
class ListedObjects {
  readonly #pages: AsyncGenerator<{ readonly objects: readonly S3Object[] }>;
  #objects: readonly S3Object[] = [];

  constructor(pages: AsyncGenerator<{ readonly objects: readonly S3Object[] }>) {
    this.#pages = pages;
  }

  /** What is not taken yet, up to a key. */
  async upTo(key: string): Promise<ReadonlyMap<string, S3Object>> {
    const taken = new Map<string, S3Object>();
    for (;;) {
      const rest = this.#objects.findIndex((object) => compareKeys(object.key, key) > 0);
      const end = rest === -1 ? this.#objects.length : rest;
      for (const object of this.#objects.slice(0, end)) taken.set(object.key, object);
      this.#objects = this.#objects.slice(end);
      if (this.#objects.length > 0) return taken;
      const { done, value } = await this.#pages.next();
      if (done === true) return taken;
      this.#objects = value.objects;
    }
  }
}
