import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GreetingReader, greetingLine, MAX_GREETING_BYTES } from './greeting-line.js';

const protocol = { name: 'raft-ts-test', version: 12 };

function refusal(bytes: Buffer | string): string {
  try {
    return JSON.stringify(new GreetingReader(protocol).push(Buffer.from(bytes)) ?? 'incomplete');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('a greeting', () => {
  it('is read however it is cut, and leaves what follows', () => {
    const line = greetingLine(protocol, 'hello there');
    const stream = Buffer.from(`${line}rest`);
    for (let place = 0; place <= stream.length; place++) {
      const reader = new GreetingReader(protocol);
      const first = reader.push(stream.subarray(0, place));
      const second = first === undefined ? reader.push(stream.subarray(place)) : undefined;
      const greeting = first ?? second;
      const behind = first === undefined ? '' : stream.subarray(place).toString();
      expect(greeting?.text).toBe('hello there');
      expect(`${greeting?.rest}${behind}`).toBe('rest');
    }
  });

  it('keeps to one line', () => {
    expect(greetingLine(protocol, 'a\nb')).toBe('raft-ts-test/12 a b\n');
  });

  it('is cut where it would not fit, behind a whole character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 990, maxLength: 1100 }), (text) => {
        const line = Buffer.from(greetingLine(protocol, text));
        expect(line.length).toBeLessThanOrEqual(MAX_GREETING_BYTES);
        const read = new GreetingReader(protocol).push(line)?.text ?? 'unread';
        const oneLine = text.replaceAll('\n', ' ');
        expect(oneLine.startsWith(read)).toBe(true);
        const whole = `raft-ts-test/12 ${oneLine}\n`;
        const next = Buffer.byteLength([...oneLine.slice(read.length)][0] ?? '');
        if (read !== oneLine) expect(line.length + next).toBeGreaterThan(MAX_GREETING_BYTES);
        else expect(line.toString()).toBe(whole);
      }),
    );
  });

  it('is refused with the first byte that can not belong to it', () => {
    expect(refusal('G')).toMatch('something else arrived');
    expect(refusal('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch('something else arrived');
    expect(refusal(Buffer.from([0x16, 0x03, 0x01]))).toMatch('something else arrived');
    expect(refusal('raft-ts-other/12 hello\n')).toMatch('something else arrived');
    expect(refusal('raft\n')).toMatch('something else arrived');
    expect(refusal('raft')).toBe('"incomplete"');
  });

  it('names the versions when they differ', () => {
    for (const version of ['2', '13', '120', 'x', '']) {
      expect(refusal(`raft-ts-test/${version} hello\n`)).toMatch('in version 12');
    }
    expect(refusal('raft-ts-test/2')).toMatch('in version 12');
    expect(refusal('raft-ts-test/1')).toBe('"incomplete"');
    expect(refusal('raft-ts-test/12\n')).toMatch('in version 12');
  });

  it('is refused when it is too long, in one piece or in many', () => {
    const long = `raft-ts-test/12 ${'x'.repeat(MAX_GREETING_BYTES)}`;
    expect(refusal(long)).toMatch('above 1024 bytes');
    const reader = new GreetingReader(protocol);
    expect(() => {
      for (const byte of Buffer.from(long)) reader.push(Buffer.from([byte]));
    }).toThrow('above 1024 bytes');
  });

  it('is nothing that any other bytes make', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const reader = new GreetingReader(protocol);
        if (bytes.length === 0) expect(reader.push(Buffer.alloc(0))).toBeUndefined();
        else if (bytes[0] !== 0x72) {
          expect(() => reader.push(Buffer.from(bytes))).toThrow(
            expect.objectContaining({ code: 'MESSAGE_INVALID' }),
          );
        }
      }),
    );
  });
});
