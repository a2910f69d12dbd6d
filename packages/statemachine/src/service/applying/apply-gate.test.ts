import { beforeEach, expect, it } from 'vitest';
import { ApplyGate } from './apply-gate.js';

let gate: ApplyGate;
let done: string[];

beforeEach(() => {
  gate = new ApplyGate();
  done = [];
});

function work(name: string): { readonly run: () => Promise<void>; readonly end: () => void } {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = async () => {
    done.push(`${name} begins`);
    await ended;
    done.push(`${name} ends`);
  };
  return { run, end };
}

it('applies at once while nobody holds the state', () => {
  const applied = gate.apply(() => {
    done.push('applied');
    return undefined;
  });
  expect(applied).toBeUndefined();
  expect(done).toEqual(['applied']);
});

it('holds the state once what is being applied is done, and applies what comes meanwhile after that', async () => {
  const [first, second, look] = [work('first'), work('second'), work('look')];
  const applied = gate.apply(first.run);
  const held = gate.hold(look.run);
  first.end();
  await applied;
  await Promise.resolve();
  await Promise.resolve();
  const next = gate.apply(second.run);
  second.end();
  look.end();
  await held;
  await next;
  expect(done).toEqual([
    'first begins',
    'first ends',
    'look begins',
    'look ends',
    'second begins',
    'second ends',
  ]);
});

it('holds it for one after the other, also after one that failed', async () => {
  const look = work('look');
  look.end();
  const failing = gate.hold(() => Promise.reject(new Error('no thread')));
  const held = gate.hold(look.run);
  await expect(failing).rejects.toThrow('no thread');
  await held;
  gate.apply(() => {
    done.push('applied');
    return undefined;
  });
  expect(done).toEqual(['look begins', 'look ends', 'applied']);
});
