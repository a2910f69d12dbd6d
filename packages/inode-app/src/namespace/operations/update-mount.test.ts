import { beforeEach, expect, it } from 'vitest';
import { MemoryRows } from '../../store/memory-rows.js';
import { NamespaceMachine } from '../../store/namespace-machine.js';
import { byteString, NO_BYTES } from '../tree/byte-string.js';
import type { Operation, OperationOf } from './operation-table.js';

let machine: NamespaceMachine;

beforeEach(async () => {
  machine = await NamespaceMachine.open({ rows: new MemoryRows() });
  const place = byteString('file:///srv');
  apply({
    kind: 'mount',
    path: byteString('/m'),
    uri: place,
    place,
    profile: NO_BYTES,
    readOnly: false,
    shared: false,
    syncIntervalMs: 5,
    options: [],
  });
});

function apply(operation: Operation): unknown {
  const times = { index: 1, logTimeMs: 0, wallMs: 0 };
  return (machine.apply([operation], times) as readonly unknown[])[0];
}

function update(path: string, changes: Partial<OperationOf<'updateMount'>>): unknown {
  return apply({
    kind: 'updateMount',
    path: byteString(path),
    readOnly: undefined,
    profile: undefined,
    syncIntervalMs: undefined,
    options: undefined,
    ...changes,
  });
}

it('gives a path within a mount an interval, and nothing else', () => {
  expect(update('/m/a', { syncIntervalMs: 0 })).toBeTypeOf('number');
  expect(update('/m/a', { syncIntervalMs: 'inherit' })).toBeTypeOf('number');
  const others = [{ readOnly: true }, { profile: byteString('p') }, { options: [] }];
  for (const other of others) {
    expect(update('/m/a', other)).toEqual(['NOT_MOUNTED', '/m/a']);
    expect(update('/m/a', { syncIntervalMs: 0, ...other })).toEqual(['NOT_MOUNTED', '/m/a']);
    expect(update('/m', { syncIntervalMs: 0, ...other })).toBeTypeOf('number');
  }
});

it('is refused where nothing is mounted', () => {
  expect(update('/', { syncIntervalMs: 0 })).toEqual(['NOT_MOUNTED', '/']);
  expect(update('/m', { syncIntervalMs: 'inherit' })).toEqual(['NOT_MOUNTED', '/m']);
});
