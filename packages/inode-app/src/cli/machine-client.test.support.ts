import type { WireValue } from '@raft-ts/statemachine';
import type { CommandClient } from '../client/byte-client.js';
import { InodeAppError } from '../errors.js';
import type { NamespaceMachine } from '../store/namespace-machine.js';

/** A tree without a cluster around it; commands take turns of the event loop, and overtake. */
export class MachineClient implements CommandClient {
  readonly #machine: NamespaceMachine;
  #index = 0;
  /** Commands so far. */
  commands = 0;
  commandsUntilFailure = Number.POSITIVE_INFINITY;

  constructor(machine: NamespaceMachine) {
    this.#machine = machine;
  }

  async command(value: WireValue): Promise<unknown> {
    this.commands += 1;
    this.commandsUntilFailure -= 1;
    if (this.commandsUntilFailure < 0) throw new InodeAppError('UNAVAILABLE', 'nobody answers');
    const command = this.#machine.parseCommand(value);
    await new Promise(setImmediate);
    if (this.#index % 3 === 0) await new Promise(setImmediate);
    this.#index += 1;
    return this.#machine.apply(command, {
      index: this.#index,
      logTimeMs: 0,
      wallMs: 2_000_000_000_000,
    });
  }

  query(value: WireValue): Promise<unknown> {
    return this.#machine.query(this.#machine.parseQuery(value));
  }

  close(): Promise<void> {
    return this.#machine.close();
  }
}
