import { describe, expect, it } from 'vitest';
import { Parts } from './parts.js';

describe('Parts', () => {
  it('closes everything once, in the opposite order, though some fail', async () => {
    const closed: string[] = [];
    const parts = new Parts();
    for (const [name, fails] of [
      ['log', false],
      ['store', true],
      ['service', true],
      ['listener', false],
    ] as const) {
      parts.add({
        close: async () => {
          closed.push(name);
          if (fails) throw new Error(`${name} failed to close`);
        },
      });
    }
    await expect(parts.close()).rejects.toThrow('service failed to close');
    expect(closed).toEqual(['listener', 'service', 'store', 'log']);
    await parts.close();
    expect(closed).toHaveLength(4);
  });
});
