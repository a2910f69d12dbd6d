import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryHeader } from '../history.js';
import type { HistoryEvent } from '../history-event.js';
import { HistoryWriter } from './history-writer.js';
import { readHistory } from './read-history.js';

const HEADER: HistoryHeader = {
  ...{ format: 1, workload: 'register', suite: 'test', nemeses: [], seed: 1 },
  ...{ startedAt: '2026-01-02T03:04:05.000Z', options: {} },
};
const LOST = { code: 'TIMEOUT', message: 'no answer' };

describe('the file of a history', () => {
  let directory = '';
  let file = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jepsen-'));
    file = join(directory, 'history.ndjson');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Each look at the clock is half a millisecond later, and once much earlier. */
  function clock(): () => number {
    let now = 1000;
    let looks = 0;
    return () => {
      looks += 1;
      if (looks === 4) return 0;
      now += 0.5;
      return now;
    };
  }

  it('holds what was written, numbered, with times that never run back', async () => {
    const told: HistoryEvent[] = [];
    const onEvent = (event: HistoryEvent) => told.push(event);
    const writer = await HistoryWriter.create(file, HEADER, { clock: clock(), onEvent });
    const read = writer.invoked({ process: 1, input: { kind: 'read' }, member: 3 });
    const write = writer.invoked({ process: 2, input: { kind: 'write' }, session: 's' });
    writer.ok(read, { value: 4 }, 2);
    writer.info(write, LOST);
    writer.fail(writer.invoked({ process: 1, input: { kind: 'read' } }), LOST);
    await writer.close();
    const { history, tornLine } = await readHistory(file);
    expect(tornLine).toBeUndefined();
    expect(history).toEqual({ header: HEADER, events: told });
    expect(told).toMatchObject([
      { index: 0, atMs: 0.5, process: 1, type: 'invoke', input: { kind: 'read' }, member: 3 },
      { index: 1, atMs: 1, process: 2, type: 'invoke', session: 's' },
      { index: 2, atMs: 1, process: 1, type: 'ok', call: 0, output: { value: 4 }, member: 2 },
      { index: 3, atMs: 1.5, process: 2, type: 'info', call: 1, error: LOST },
      { index: 4, atMs: 2, type: 'invoke' },
      { index: 5, atMs: 2.5, type: 'fail', call: 4, error: LOST },
    ]);
    expect(readFileSync(file, 'utf8').endsWith('\n')).toBe(true);
  });

  it('has callers wait for the disk, and loses nothing', async () => {
    const writer = await HistoryWriter.create(file, HEADER, { clock: clock() });
    const value = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 12; i++) {
      writer.ok(writer.invoked({ process: 1, input: { kind: 'write', value } }), i);
      await writer.ready();
    }
    await writer.close();
    const { events } = (await readHistory(file)).history;
    expect(events.flatMap((event) => (event.type === 'ok' ? [event.output] : []))).toEqual(
      Array.from({ length: 12 }, (_, i) => i),
    );
  });

  it('refuses to end a call twice, and a file that is there', async () => {
    const writer = await HistoryWriter.create(file, HEADER, { clock: clock() });
    const call = writer.invoked({ process: 1, input: { kind: 'read' } });
    writer.ok(call, null);
    expect(() => writer.info(call, LOST)).toThrow(
      expect.objectContaining({ code: 'HISTORY_INVALID' }),
    );
    await writer.close();
    const again = HistoryWriter.create(file, HEADER, { clock: clock() });
    await expect(again).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('leaves out a last line that was not written to its end, and tells it', async () => {
    const writer = await HistoryWriter.create(file, HEADER, { clock: clock() });
    writer.ok(writer.invoked({ process: 1, input: { kind: 'read' } }), 'answer');
    await writer.close();
    const whole = readFileSync(file, 'utf8');
    truncateSync(file, whole.length - 5);
    const { history, tornLine } = await readHistory(file);
    expect(history.events).toMatchObject([{ type: 'invoke' }]);
    expect(tornLine).toContain('"type":"ok"');
    // One that only lacks its line feed is whole.
    writeFileSync(file, whole.trimEnd());
    expect((await readHistory(file)).history.events).toHaveLength(2);
    // In the middle, nothing may be torn.
    appendFileSync(file, '{"index":2,\n{}\n');
    await expect(readHistory(file)).rejects.toMatchObject({ code: 'LOG_INVALID' });
  });

  it('says where there is none', async () => {
    await expect(readHistory(join(directory, 'none'))).rejects.toMatchObject({
      code: 'STORE_FAILED',
    });
  });
});
