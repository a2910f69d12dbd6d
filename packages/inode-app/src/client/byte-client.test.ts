import { expect, it } from 'vitest';
import { byteString, NO_BYTES } from '../namespace/tree/byte-string.js';
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

it('does not know what a change came to whose mount was taken away meanwhile', async () => {
  const gone = answeredWith([['MOUNT_GONE', '/a']]).runOne(operation);
  await expect(gone).rejects.toMatchObject({ code: 'MOUNT_GONE', outcome: 'unknown' });
});

it('asks for a page again while its directory comes in, and says how far that is', async () => {
  const answers: unknown[] = [
    ['SYNC_UNDER_WAY', '/a', '1 entries'],
    ['SYNC_UNDER_WAY', '/a', '2 entries'],
    [[], false],
    ['STORAGE_UNREACHABLE', '/a'],
  ];
  const query = async () => answers.shift();
  const client = new ByteClient({ command: query, query, close: async () => {} });
  const told: (string | undefined)[] = [];
  const onComingIn = (underWay: Error | undefined) => told.push(underWay?.message);
  expect(await client.listPage(path, NO_BYTES, { onComingIn })).toEqual({
    entries: [],
    more: false,
  });
  expect(told.map((line) => line?.match(/\d entries/)?.[0])).toEqual([
    '1 entries',
    '2 entries',
    undefined,
  ]);
  const failing = client.listPage(path, NO_BYTES, { onComingIn });
  await expect(failing).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
  expect(told).toHaveLength(3);
});

it('asks for the next step of an unmount until it is over', async () => {
  const step = ['SYNC_UNDER_WAY', '/', '7 entries have to go first: ask again'];
  const answers: unknown[] = [[step], [step], [5], [['LOCKED', '/']]];
  const command = async () => answers.shift();
  const client = new ByteClient({ command, query: command, close: async () => {} });
  expect(await client.unmount(path, true)).toBe(5);
  await expect(client.unmount(path, false)).rejects.toMatchObject({ code: 'LOCKED' });
});
