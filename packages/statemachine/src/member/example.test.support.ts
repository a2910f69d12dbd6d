import type { WireValue } from '@raft-ts/net';
import type { Endpoints } from 'raft-ts';
import {
  decodeRecords,
  encodeRecords,
  type InMemoryStateMachine,
  SnapshotMap,
  StateMachineError,
} from '../index.js';
import { Member } from './index.js';

type Put = readonly [key: string, value: WireValue];

/** A map that every member holds. Putting null removes a key; each put answers with the value before. */
class SharedMap implements InMemoryStateMachine<Put, string> {
  readonly #entries = new SnapshotMap<string, WireValue>();

  parseCommand(value: WireValue): Put {
    const [key, put = null]: readonly WireValue[] = Array.isArray(value) ? value : [];
    if (typeof key === 'string') return [key, put];
    throw new StateMachineError('INVALID_COMMAND', 'a command is [key, value]');
  }

  parseQuery(value: WireValue): string {
    if (typeof value === 'string') return value;
    throw new StateMachineError('INVALID_QUERY', 'a query is a key');
  }

  apply([key, value]: Put): WireValue {
    const before = this.#entries.get(key);
    if (value === null) this.#entries.delete(key);
    else this.#entries.set(key, value);
    return before;
  }

  query(key: string): WireValue {
    return this.#entries.get(key);
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return encodeRecords(this.#entries.moment());
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#entries.clear();
    for await (const one of decodeRecords(chunks)) this.#entries.set(...this.parseCommand(one));
  }
}

/** One process runs one member: `founders` is the same in all of them. */
export function openMember(
  id: number,
  directory: string,
  founders: Readonly<Record<number, Required<Endpoints>>>,
): Promise<Member<Put, string>> {
  const listen = founders[id];
  if (listen === undefined) throw new Error(`who is member ${id}?`);
  const cluster = { clusterId: 'shared-map', application: { name: 'shared-map', version: 1 } };
  return Member.open({ id, ...cluster, directory, machine: new SharedMap(), listen, founders });
}
