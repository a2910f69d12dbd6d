/**
 * `npm run bench:core`: the protocol alone, three members in this process, without network, disk
 * or state machine. Proposals a second and heap bytes a proposal for several batches, and what a
 * tick costs with many idle groups; plain copying is measured in turns with it, to compare with.
 * `--json` prints one line of JSON instead of tables: `{"proposals": {"1": {"proposalsPerSecond",
 * "shareOfPlainCopying", "heapBytes", "plainHeapBytes"}, ...}, "tick": {"groups", "leaderNs",
 * "followerNs", "messagesNs", "processMicroseconds", "plainProposalNs"}}`.
 */
import { parseArgs } from 'node:util';
import { measureAllocation } from './core/allocation.js';
import { measureProposals, PAYLOAD_BYTES, type ProposalFigures } from './core/proposals.js';
import { measureTicks, type TickFigures } from './core/ticks.js';
import { runBench, seconds, wholeNumber } from './usage.js';

/** Proposals that are made before the effects are taken. */
const BATCHES = [1, 16, 256] as const;
const MAX_GROUPS = 1_000_000;
const HELP = `Usage: npm run bench:core -- [options]

Measures the Raft core alone: three members in one process, messages handed over, writes finished
at once. Nothing is sent, written or applied.

  --seconds N   seconds a step is measured, half of them plain copying to compare with (default 4)
  --groups N    idle groups that tick (default 1000)
  --json        one line of JSON instead of tables
  --help        this text
`;

interface Step extends ProposalFigures {
  /** Allocated by three members and what drives them, without the payload. */
  readonly heapBytes: number;
  /** The same with plain copying. */
  readonly plainHeapBytes: number;
}

interface Arguments {
  readonly seconds: number;
  readonly groups: number;
  readonly json: boolean;
}

function parse(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '4' },
      groups: { type: 'string', default: '1000' },
      json: { type: 'boolean', default: false },
    },
  });
  return {
    seconds: seconds('--seconds', values.seconds, 0.001),
    groups: wholeNumber('--groups', values.groups, 1, MAX_GROUPS),
    json: values.json,
  };
}

async function measure(parsed: Arguments): Promise<void> {
  const say = (line: string) => {
    if (!parsed.json) process.stdout.write(`${line}\n`);
  };
  const proposals: Record<string, Step> = {};
  say(`proposals of ${PAYLOAD_BYTES} bytes, three members`);
  say('batch  proposals/s  of plain copying  heap bytes each  of plain copying');
  for (const batch of BATCHES) {
    const figures = measureProposals(batch, parsed.seconds);
    const heapBytes = await measureAllocation('raft', batch);
    const plainHeapBytes = await measureAllocation('plain', batch);
    const step = { ...figures, heapBytes, plainHeapBytes };
    proposals[batch] = step;
    say(row(batch, step));
  }
  const tick = measureTicks(parsed.groups);
  say(tickText(tick));
  if (parsed.json) process.stdout.write(`${JSON.stringify({ proposals, tick })}\n`);
}

function row(batch: number, step: Step): string {
  const cells = [
    `${batch}`.padStart(5),
    `${step.proposalsPerSecond}`.padStart(11),
    `${(step.shareOfPlainCopying * 100).toFixed(1)} %`.padStart(16),
    `${step.heapBytes}`.padStart(15),
    `${step.plainHeapBytes}`.padStart(16),
  ];
  return cells.join('  ');
}

function tickText({
  groups,
  leaderNs,
  followerNs,
  messagesNs,
  processMicroseconds,
  plainProposalNs,
}: TickFigures): string {
  return (
    `\na tick of an idle group, of ${groups}, heartbeats averaged over ticks\n` +
    `leader ${leaderNs} ns, follower ${followerNs} ns, messages of the group ${messagesNs} ns\n` +
    `a process with one member of each group: ${processMicroseconds} µs\n` +
    `to compare: copying a proposal to three members without Raft, ${plainProposalNs} ns`
  );
}

await runBench(HELP, parse, measure);
