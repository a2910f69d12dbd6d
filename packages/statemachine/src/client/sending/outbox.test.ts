import { expect, it } from 'vitest';
import { StateMachineError } from '../../errors.js';
import { RpcMethod } from '../../rpc-methods.js';
import { Operation, type Request } from './operation.js';
import { Outbox } from './outbox.js';

function operation(kind: 'command' | 'query'): Operation {
  const request: Request =
    kind === 'command' ? { kind, value: null } : { kind, method: RpcMethod.Query, body: () => [] };
  return new Operation(request, 0, {
    resolve: () => {},
    reject: () => {},
    settled: () => {},
  });
}

it('lets go of what was given up, also when nobody takes anything', () => {
  const outbox = new Outbox();
  const kept = [operation('query'), operation('command')];
  for (const one of kept) outbox.add(one);
  for (let i = 0; i < 20_000; i++) {
    const givenUp = operation(i % 2 === 0 ? 'query' : 'command');
    if (i % 3 === 0) outbox.addLater(givenUp, 0);
    else outbox.add(givenUp);
    givenUp.reject(new StateMachineError('ABORTED', 'no longer needed'));
    outbox.tidy(kept.length);
    expect(outbox.length).toBeLessThan(2_000);
  }
  expect(outbox.take(undefined)).toBe(kept[0]);
  expect(outbox.take(undefined)).toBeUndefined();
  expect(outbox.hasCommands).toBe(true);
});
