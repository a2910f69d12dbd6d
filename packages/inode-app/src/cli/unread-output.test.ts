import { expect, it } from 'vitest';
import { boundedStream } from './unread-output.js';

it('leaves out and counts what a reader that hangs does not take', () => {
  const taken: string[] = [];
  const stream = {
    isTTY: false,
    writableLength: 0,
    write: (text: string) => {
      taken.push(text);
      stream.writableLength += text.length;
    },
  };
  const bounded = boundedStream(stream);
  const line = `${'x'.repeat(1023)}\n`;
  for (let at = 0; at < 1000; at++) bounded.write(line);
  expect(taken).toHaveLength(256);
  stream.writableLength = 0;
  bounded.write('again\n');
  expect(taken.slice(256)).toEqual(['left out 744 lines that nobody read\n', 'again\n']);
  bounded.write('and again\n');
  expect(taken).toHaveLength(259);
});
