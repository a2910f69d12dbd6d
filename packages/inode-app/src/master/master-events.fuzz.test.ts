import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { type MasterEvent, parseMasterEvent } from './master-events.js';

it('master-events', async () => {
  const events: readonly MasterEvent[] = [
    { event: 'serving', id: 1, pid: 2, clientAddress: 'a:1', memberAddress: 'a:2' },
    { event: 'failed', code: 'DATA_LOCKED', message: 'in use' },
  ];
  const report = await fuzzBytes({
    name: 'master-events',
    corpus: events.map((event) => Buffer.from(JSON.stringify(event))),
    decode: (bytes) => parseMasterEvent(bytes.toString('utf8')),
    isRefusal: () => false,
    check: (decoded) => {
      expect(['serving', 'failed']).toContain((decoded as MasterEvent).event);
    },
  });
  console.log(report.line);
});
