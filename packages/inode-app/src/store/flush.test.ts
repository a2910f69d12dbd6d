import { expect, it } from 'vitest';
import { MemoryRows } from './memory-rows.js';
import { NamespaceMachine } from './namespace-machine.js';

/** Rows whose writes become durable when a test says so. */
class SlowRows extends MemoryRows {
  readonly #syncs: (() => void)[] = [];

  override sync(): Promise<void> {
    return new Promise((resolve) => this.#syncs.push(resolve));
  }

  finishSync(): void {
    this.#syncs.shift()?.();
  }
}

it('a flush covers what was committed when it began, whatever is committed meanwhile', async () => {
  const rows = new SlowRows();
  const machine = await NamespaceMachine.open({ rows });
  machine.commit(7, []);
  const flushing = machine.flush();
  machine.commit(9, []);
  rows.finishSync();
  expect(await flushing).toBe(7);
});

it('a flush leaves nothing that a loss of power takes back', async () => {
  const rows = new MemoryRows();
  const machine = await NamespaceMachine.open({ rows });
  machine.commit(7, []);
  expect(await machine.flush()).toBe(7);
  rows.crash(0);
  const again = await NamespaceMachine.open({ rows });
  expect(again.appliedIndex).toBe(7);
});
