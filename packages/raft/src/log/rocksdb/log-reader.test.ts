import { expect, it } from 'vitest';
import { LogReader } from './log-reader.js';

it('fails what is asked of it after its thread has ended', async () => {
  // A thread that can't even begin: there is no such database.
  const data = { handle: null as unknown as bigint, directory: '/none', markPath: '/none' };
  const reader = new LogReader(data);
  const ended = { code: 'DATABASE_FAILED', message: expect.stringContaining('thread ended') };
  await expect(reader.read(1, 1, 100)).rejects.toMatchObject(ended);
  await expect(reader.read(1, 1, 100)).rejects.toMatchObject(ended);
  await reader.close();
});
