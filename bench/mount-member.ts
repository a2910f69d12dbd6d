/**
 * One member of the cluster that bench/mounts.ts measures, in a process of its own: with a storage that can be held up,
 * and with answers about what it uses.
 */
import { Master } from 'inode-app';
import { localDriver, s3Driver } from 'inode-app/storages';
import type { MemberAnswer, MemberRequest, MemberStart } from './mounts/member-messages.js';
import { Holding, slowDriver } from './mounts/slow-driver.js';

const SAMPLE_MS = 50;

async function main(start: MemberStart): Promise<void> {
  const holding = new Holding();
  await using master = await Master.start({
    ...start,
    clusterId: 'bench-mounts',
    storages: [localDriver, s3Driver, slowDriver(holding)],
    log: (line) => process.stderr.write(`member ${start.id}: ${line}\n`),
  });
  let peakRssBytes = 0;
  const sample = () => {
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
  };
  const sampling = setInterval(sample, SAMPLE_MS);
  process.on('message', ({ number, question }: MemberRequest) => {
    if (question === 'newPeak') peakRssBytes = 0;
    if (question === 'hold') holding.hold();
    if (question === 'release') holding.release();
    sample();
    const { user, system } = process.cpuUsage();
    const { role, commit } = master.status();
    const answer: MemberAnswer = {
      number,
      usage: {
        leads: role === 'leader',
        commit,
        rssBytes: process.memoryUsage.rss(),
        peakRssBytes,
        processorMicros: user + system,
        held: holding.held,
      },
    };
    process.send?.(answer);
  });
  process.send?.('serving');
  await new Promise<void>((resolve) => process.once('disconnect', resolve));
  clearInterval(sampling);
}

const [start] = process.argv.slice(2);
if (start === undefined) throw new Error('bench/mounts.ts starts this');
await main(JSON.parse(start) as MemberStart);
