import { invariant } from 'raft-ts/core';
import { type ByteString, byteString, NO_BYTES } from '../../namespace/tree/byte-string.js';
import { type EdgeKey, edgeName } from '../../namespace/tree/edge.js';
import type { InodeType } from '../../namespace/tree/inode.js';
import type { OrderedRows, RowBatch } from '../ordered-rows.js';
import { MAX_KEY_BYTES } from '../row-keys.js';
import { RowReader } from '../row-reader.js';
import { RowWriter } from '../row-writer.js';

/** An inode as a row has it. */
export interface PlacedInode {
  readonly edge: EdgeKey;
  readonly type: InodeType;
  readonly children: number;
}

export interface TrashFact {
  readonly sequence: number;
  readonly after: ByteString;
}

/** What rows of a directory's entries there are. */
export interface EntriesFact {
  readonly count: number;
  readonly first: ByteString;
}

/** All that rows say of one id. Of what should be there once at most two are kept. */
export interface InodeFacts {
  readonly id: number;
  readonly inodes: readonly PlacedInode[];
  readonly inodeCount: number;
  readonly location: EdgeKey | undefined;
  readonly trash: readonly TrashFact[];
  readonly entries: EntriesFact | undefined;
  /** Names at which scans begin; the first is empty for the directory's beginning. */
  readonly starts: readonly ByteString[];
  readonly startCount: number;
}

/** Id in seven bytes, then this, then what tells rows of one id apart. */
const Fact = { Inode: 1, Trash: 2, Location: 3, Entries: 4, Start: 5 } as const;
const TAG_AT = 7;
const DETAIL_AT = 8;
const MAX_KEPT = 2;
const MAX_VALUE_BYTES = 512;
const BATCH_ROWS = 4096;
const PAGE_ROWS = 2000;

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
interface Gathered extends Mutable<InodeFacts> {
  inodes: PlacedInode[];
  trash: TrashFact[];
  starts: ByteString[];
}

/**
 * Sorts what rows say of inodes by the inodes' ids, whatever the order in which it comes: in a database
 * of its own, so that memory does not grow with the tree.
 */
export class InodeFactStore {
  readonly #rows: OrderedRows;
  readonly #batch: RowBatch;
  readonly #key = new RowWriter(MAX_KEY_BYTES);
  readonly #value = new RowWriter(MAX_VALUE_BYTES);
  readonly #reader = new RowReader();
  #batched = 0;

  /** `rows`: empty. */
  constructor(rows: OrderedRows) {
    this.#rows = rows;
    this.#batch = rows.batch();
  }

  inode(id: number, { edge, type, children }: PlacedInode): void {
    this.#value.start().byte(type).number(children);
    this.#put(id, Fact.Inode, edge);
  }

  trash(id: number, { sequence, after }: TrashFact): void {
    this.#value.start().number(sequence).string(after);
    this.#put(id, Fact.Trash, byteString(`${sequence}`));
  }

  location(id: number, edge: EdgeKey): void {
    this.#value.start().raw(edge);
    this.#put(id, Fact.Location, NO_BYTES);
  }

  entries(id: number, { count, first }: EntriesFact): void {
    this.#value.start().number(count).string(first);
    this.#put(id, Fact.Entries, NO_BYTES);
  }

  start(id: number, name: ByteString): void {
    this.#value.start();
    this.#put(id, Fact.Start, name);
  }

  #put(id: number, fact: number, detail: ByteString | EdgeKey): void {
    const key = this.#key.start().fixedNumber(id).byte(fact).raw(detail).bytes();
    this.#batch.put(key, this.#value.bytes());
    this.#batched += 1;
    if (this.#batched >= BATCH_ROWS) this.#write();
  }

  #write(): void {
    this.#batch.write({ sync: false });
    this.#batch.clear();
    this.#batched = 0;
  }

  /** By ascending id, once all is in. */
  async *all(signal?: AbortSignal): AsyncGenerator<InodeFacts, void> {
    this.#write();
    const range = this.#rows.range({ gte: Buffer.alloc(0), lt: LAST, pageRows: PAGE_ROWS });
    let facts = nothingOf(0);
    try {
      while (!range.finished) {
        for (const { key, value } of await range.nextPage(signal)) {
          const id = idOf(key);
          if (id !== facts.id) {
            if (facts.id !== 0) yield facts;
            facts = nothingOf(id);
          }
          this.#gather(facts, key, value);
        }
      }
    } finally {
      range.close();
    }
    if (facts.id !== 0) yield facts;
  }

  /** Where the inode hangs, by its row; undefined where it has none. Once all is in. */
  edgeOf(id: number): EdgeKey | undefined {
    const gte = Buffer.from(this.#key.start().fixedNumber(id).byte(Fact.Inode).bytes());
    const lt = Buffer.from(this.#key.start().fixedNumber(id).byte(Fact.Trash).bytes());
    const range = this.#rows.range({ gte, lt, pageRows: 1, fillCache: true });
    try {
      const [row] = range.nextPageSync();
      return row === undefined ? undefined : edgeIn(row.key);
    } finally {
      range.close();
    }
  }

  #gather(facts: Gathered, key: Buffer, value: Buffer): void {
    const reader = this.#reader.start(value);
    switch (key[TAG_AT]) {
      case Fact.Inode: {
        const type = inodeType(reader.byte());
        facts.inodeCount += 1;
        keep(facts.inodes, { edge: edgeIn(key), type, children: reader.number() });
        break;
      }
      case Fact.Trash:
        keep(facts.trash, { sequence: reader.number(), after: reader.string() });
        break;
      case Fact.Location:
        facts.location = value.toString('latin1') as EdgeKey;
        break;
      case Fact.Entries:
        facts.entries = { count: reader.number(), first: reader.string() };
        break;
      default:
        facts.startCount += 1;
        keep(facts.starts, edgeName(key.toString('latin1') as EdgeKey));
    }
  }
}

/** Behind all ids. */
const LAST = Buffer.alloc(TAG_AT, 0xff);

function keep<T>(list: T[], item: T): void {
  if (list.length < MAX_KEPT) list.push(item);
}

function nothingOf(id: number): Gathered {
  return {
    id,
    inodes: [],
    inodeCount: 0,
    location: undefined,
    trash: [],
    entries: undefined,
    starts: [],
    startCount: 0,
  };
}

function idOf(key: Buffer): number {
  return key.readUIntBE(0, 3) * 0x1_0000_0000 + key.readUInt32BE(3);
}

function edgeIn(key: Buffer): EdgeKey {
  return key.toString('latin1', DETAIL_AT) as EdgeKey;
}

function inodeType(value: number): InodeType {
  invariant(value === 0 || value === 1 || value === 2, 'a fact that was written is another one');
  return value;
}
