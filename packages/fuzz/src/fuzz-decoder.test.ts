import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type BytesDecoder, fuzzBytes, fuzzValues } from './fuzz-decoder.js';

/** Numbers below 100 as text. */
const decimal: BytesDecoder = {
  name: 'decimal',
  corpus: ['1', '22', '7', '98'].map((text) => Buffer.from(text)),
  decode: (bytes) => {
    const text = bytes.toString('latin1');
    if (!/^\d{1,2}$/.test(text)) throw new RangeError('no number');
    return Number(text);
  },
  isRefusal: (error) => error instanceof RangeError,
};

const options = { seed: 7, until: { inputs: 5_000 } };

describe('a decoder that is fuzzed', () => {
  it('is given the same inputs for the same seed', async () => {
    const inputsOf = async (seed: number) => {
      const inputs: string[] = [];
      const decode = (bytes: Buffer) => {
        inputs.push(bytes.toString('base64'));
        return decimal.decode(bytes);
      };
      await fuzzBytes({ ...decimal, decode }, { seed, until: { inputs: 200 } });
      return inputs.join();
    };
    expect(await inputsOf(1)).toBe(await inputsOf(1));
    expect(await inputsOf(1)).not.toBe(await inputsOf(2));
  });

  it('is reported with what it did', async () => {
    const report = await fuzzBytes(decimal, options);
    expect(report.inputs).toBeGreaterThan(5_000);
    expect(report.accepted).toBeGreaterThan(100);
    expect(report.inputs - report.accepted).toBeGreaterThan(100);
    expect(report.line).toMatch(/^fuzz decimal: seed 7, \d+ inputs, \d+ accepted, \d+ a second$/);
  });

  it('fails when it throws anything else, and shows a small input that does it', async () => {
    const decode = (bytes: Buffer) => {
      if (bytes.includes(0xff)) throw new TypeError('a fault of the decoder');
      return decimal.decode(bytes);
    };
    const failing = fuzzBytes({ ...decimal, decode }, options);
    await expect(failing).rejects.toThrow(/1 bytes, in base64: \/w==/);
    await expect(failing).rejects.toThrow('npm run fuzz -- --seed 7 decimal');
    await expect(failing).rejects.toThrow('a fault of the decoder');
  });

  it('may take turns, and is held to the same', async () => {
    const decode = async (bytes: Buffer) => {
      await Promise.resolve();
      if (bytes.includes(0xff)) throw new TypeError('a fault of the decoder');
      return decimal.decode(bytes);
    };
    const failing = fuzzBytes({ ...decimal, decode }, options);
    await expect(failing).rejects.toThrow(/1 bytes, in base64: \/w==/);
    const isRefusal = (error: unknown) => error instanceof Error;
    const { inputs, accepted } = await fuzzBytes({ ...decimal, decode, isRefusal }, options);
    expect(accepted).toBeGreaterThan(100);
    expect(inputs - accepted).toBeGreaterThan(100);
  });

  it('fails when it accepts what it should not', async () => {
    const check = (decoded: unknown) => expect(decoded).toBeLessThan(90);
    const corpus = [Buffer.from('1'), Buffer.from('88')];
    const failing = fuzzBytes({ ...decimal, corpus, check }, options);
    await expect(failing).rejects.toThrow('not what it should be');
  });

  it('fails when it refuses what was encoded, everything else, or nothing', async () => {
    const never = fuzzBytes({ ...decimal, decode: () => undefined }, options);
    await expect(never).rejects.toThrow('refuses what its encoder made');
    const itself = (bytes: Buffer) => decimal.corpus.includes(bytes) || undefined;
    const only = fuzzBytes({ ...decimal, decode: itself }, options);
    await expect(only).rejects.toThrow('tries nothing');
    const always = fuzzBytes({ ...decimal, decode: () => true }, options);
    await expect(always).rejects.toThrow('tries nothing');
  });

  it('fails when it takes memory for what the input only claims', async () => {
    const decode = (bytes: Buffer) => {
      if ((bytes[0] ?? 0) >= 0x80) Buffer.allocUnsafeSlow(64 * 1024 * 1024);
      return decimal.decode(bytes);
    };
    const failing = fuzzBytes({ ...decimal, decode }, options);
    await expect(failing).rejects.toThrow(/took \d+ bytes of memory/);
  });

  it('fails when it keeps something of each input', async () => {
    const kept: Buffer[] = [];
    const decode = (bytes: Buffer) => {
      kept.push(Buffer.alloc(10_000));
      return decimal.decode(bytes);
    };
    await expect(fuzzBytes({ ...decimal, decode }, options)).rejects.toThrow('more are in use');
  });

  it('is ended with its process when it never ends', () => {
    const module = JSON.stringify(new URL('./watchdog.js', import.meta.url).href);
    const script = `
      const { Watchdog } = await import(${module});
      const watchdog = new Watchdog('looping, seed 5', { maxInputMs: 50, lookMs: 10 });
      watchdog.begins(3);
      for (;;);`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(child.signal).toBe('SIGKILL');
    expect(child.stderr.toString()).toContain('looping, seed 5: input 3 has not ended');
  });
});

describe('a decoder of values that is fuzzed', () => {
  const pair = {
    name: 'pair',
    corpus: [
      [1, { text: 'a' }],
      [2, { text: 'b' }],
    ],
    decode: (value: unknown) => {
      const [id, fields] = Array.isArray(value) ? (value as unknown[]) : [];
      if (typeof id !== 'number' || typeof fields !== 'object') throw new RangeError('no pair');
      return { id, fields };
    },
    isRefusal: (error: unknown) => error instanceof RangeError,
  };

  it('is given values that are nearly right', async () => {
    const seen = new Set<string>();
    const decode = (value: unknown) => {
      const { id, fields } = pair.decode(value);
      seen.add(`${Math.sign(id)} ${fields === null ? 'null' : typeof Object.keys(fields)[0]}`);
      return fields;
    };
    const failing = fuzzValues({ ...pair, decode: (value) => decode(value) ?? true }, options);
    await failing;
    for (const kind of ['1 string', '-1 string', '1 null', '1 undefined', 'NaN string']) {
      expect(seen).toContain(kind);
    }
  });

  it('fails at a property that it takes for granted', async () => {
    const decode = (value: unknown) => (pair.decode(value).fields as { text: string }).text.length;
    await expect(fuzzValues({ ...pair, decode }, options)).rejects.toThrow('should not');
  });
});
