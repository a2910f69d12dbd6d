import { expect, it } from 'vitest';
import { byteString } from '../namespace/tree/byte-string.js';
import { ByteClient } from './byte-client.js';

/** A client whose cluster answers everything with `answer`. */
function answeredWith(answer: unknown): ByteClient {
  return new ByteClient({
    command: async () => answer,
    query: async () => answer,
    close: async () => {},
  });
}

const path = byteString('/a');
const operation = { kind: 'delete', path, recursive: false } as const;

it.each([
  ['nothing', []],
  ['too much', [1, 2]],
  ['no result', ['text']],
])('does not know what came of a change that was answered with %s', async (_name, answer) => {
  const failed = { code: 'ANSWER_INVALID', outcome: 'unknown' };
  await expect(answeredWith(answer).runOne(operation)).rejects.toMatchObject(failed);
});

it('knows that a change was refused, also with a code of another version', async () => {
  const failed = { code: 'ANSWER_INVALID', outcome: 'definite' };
  const refused = answeredWith([['OTHER_CODE', '/a']]).runOne(operation);
  await expect(refused).rejects.toMatchObject(failed);
});

it('knows that a query changed nothing, whatever it was answered with', async () => {
  const failed = { code: 'ANSWER_INVALID', outcome: 'definite' };
  await expect(answeredWith([7]).getStatus(path)).rejects.toMatchObject(failed);
});
