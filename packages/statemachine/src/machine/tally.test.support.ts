import type { WireValue } from '@raft-ts/net';
import { StateMachineError } from '../errors.js';
import type { InMemoryStateMachine } from './in-memory-state-machine.js';
import { decodeRecords, encodeRecords } from './records.js';
import { SnapshotMap } from './snapshot-map.js';

export type TallyCommand = readonly [name: string, by: number];

/** Counts by name: a state machine in memory for tests. */
export class Tally implements InMemoryStateMachine<TallyCommand, string> {
  readonly counts = new SnapshotMap<string, number>();
  /** Versions of the snapshots that were restored. */
  readonly restored: number[] = [];

  parseCommand(value: WireValue): TallyCommand {
    const [name, by]: readonly WireValue[] = Array.isArray(value) ? value : [];
    if (typeof name === 'string' && typeof by === 'number') return [name, by];
    throw new StateMachineError('INVALID_COMMAND', 'a command is a name and a number');
  }

  parseQuery(value: WireValue): string {
    if (typeof value === 'string') return value;
    throw new StateMachineError('INVALID_QUERY', 'a query is a name');
  }

  apply([name, by]: TallyCommand): WireValue {
    const sum = (this.counts.get(name) ?? 0) + by;
    this.counts.set(name, sum);
    return sum;
  }

  query(name: string): WireValue {
    return this.counts.get(name) ?? 0;
  }

  /** Whose body begins with the first `next`. */
  async *snapshot(): AsyncGenerator<Uint8Array, void, void> {
    yield* encodeRecords(this.counts.moment());
  }

  async restore(chunks: AsyncIterable<Uint8Array>, version: number): Promise<void> {
    this.counts.clear();
    this.restored.push(version);
    for await (const record of decodeRecords(chunks)) {
      const [name, count] = this.parseCommand(record);
      this.counts.set(name, count);
    }
  }
}
