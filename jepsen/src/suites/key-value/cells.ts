import type { WireValue } from '@raft-ts/net';
import {
  type ApplyContext,
  decodeRecords,
  encodeRecords,
  type InMemoryStateMachine,
  SnapshotMap,
  StateMachineError,
} from '@raft-ts/statemachine';

/** What each command answers stands behind it. */
export type CellCommand =
  /** null */
  | readonly ['write', key: string, value: WireValue]
  /** Whether the cell held `from`; a cell that was never written holds null. */
  | readonly ['compare-and-set', key: string, from: WireValue, to: WireValue]
  /** The sum; an absent cell counts as 0. */
  | readonly ['add', key: string, by: number]
  /** The list's new length. */
  | readonly ['append', key: string, value: WireValue]
  /** A fencing token that is above all given before, or null where somebody holds the lock. */
  | readonly ['acquire', key: string, leaseMs: number]
  /** Whether it was held with this token. */
  | readonly ['release', key: string, token: number]
  /** Whether it was accepted: no write with a later token was. */
  | readonly ['guarded-write', key: string, token: number];

/** A cell's value or null; all pairs of keys and values below a prefix. */
export type CellQuery = readonly ['read', key: string] | readonly ['below', prefix: string];

/** Cells under keys that every member holds in memory. Values are scalars or lists of them. */
export class Cells implements InMemoryStateMachine<CellCommand, CellQuery> {
  readonly #cells = new SnapshotMap<string, WireValue>();

  parseCommand(value: WireValue): CellCommand {
    const [kind, key, first = null, second = null] = fieldsOf(value);
    if (typeof key === 'string') {
      if (kind === 'write' || kind === 'append') return [kind, key, first];
      if (kind === 'compare-and-set') return [kind, key, first, second];
      if (kind === 'add' && typeof first === 'number') return [kind, key, first];
      if (typeof first === 'number') {
        if (kind === 'acquire' || kind === 'release' || kind === 'guarded-write') {
          return [kind, key, first];
        }
      }
    }
    throw new StateMachineError('INVALID_COMMAND', 'no command of cells');
  }

  parseQuery(value: WireValue): CellQuery {
    const [kind, key] = fieldsOf(value);
    if ((kind === 'read' || kind === 'below') && typeof key === 'string') return [kind, key];
    throw new StateMachineError('INVALID_QUERY', 'no query of cells');
  }

  apply(command: CellCommand, { logTimeMs }: ApplyContext): WireValue {
    const [kind, key] = command;
    const current = this.#cells.get(key) ?? null;
    switch (kind) {
      case 'write':
        this.#cells.set(key, command[2]);
        return null;
      case 'compare-and-set':
        if (current !== command[2]) return false;
        this.#cells.set(key, command[3]);
        return true;
      case 'add': {
        const sum = (typeof current === 'number' ? current : 0) + command[2];
        this.#cells.set(key, sum);
        return sum;
      }
      case 'append': {
        const list = [...fieldsOf(current), command[2]];
        this.#cells.set(key, list);
        return list.length;
      }
      case 'acquire': {
        const lock = lockOf(current);
        if (lock.heldUntilMs > logTimeMs) return null;
        const token = lock.token + 1;
        this.#lock(key, { ...lock, token, heldUntilMs: logTimeMs + command[2] });
        return token;
      }
      case 'release': {
        const lock = lockOf(current);
        if (lock.token !== command[2] || lock.heldUntilMs <= logTimeMs) return false;
        this.#lock(key, { ...lock, heldUntilMs: 0 });
        return true;
      }
      case 'guarded-write': {
        const lock = lockOf(current);
        if (command[2] < lock.writtenWith) return false;
        this.#lock(key, { ...lock, writtenWith: command[2] });
        return true;
      }
    }
  }

  query([kind, key]: CellQuery): WireValue {
    if (kind === 'read') return this.#cells.get(key) ?? null;
    return [...this.#cells].filter(([name]) => name.startsWith(key));
  }

  #lock(key: string, { token, heldUntilMs, writtenWith }: Lock): void {
    this.#cells.set(key, [token, heldUntilMs, writtenWith]);
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return encodeRecords(this.#cells.moment());
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#cells.clear();
    for await (const record of decodeRecords(chunks)) {
      const [key, value] = fieldsOf(record);
      if (typeof key === 'string') this.#cells.set(key, value);
    }
  }
}

function fieldsOf(value: WireValue): readonly WireValue[] {
  return Array.isArray(value) ? value : [];
}

/** A lock, and what it guards. */
interface Lock {
  /** The last one given. */
  readonly token: number;
  /** By the log's time. */
  readonly heldUntilMs: number;
  /** Of the last write that was accepted. */
  readonly writtenWith: number;
}

function lockOf(value: WireValue): Lock {
  const [token = 0, heldUntilMs = 0, writtenWith = 0] = fieldsOf(value).map(Number);
  return { token, heldUntilMs, writtenWith };
}
