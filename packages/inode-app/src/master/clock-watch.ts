import { type Clock, pause, type RpcConnection, type RpcNetwork, withTimeout } from '@raft-ts/net';
import { parseStatus, RpcMethod } from '@raft-ts/statemachine';
import type { MemberId } from 'raft-ts';
import {
  CLOCK_OFF_MS,
  CLOCK_RIGHT_MS,
  type ClockReading,
  clockText,
  compareClocks,
  readClock,
} from '../client/compare-clocks.js';
import type { LogLine } from './log-lines.js';
import type { MemberAddresses } from './members.js';

/** Between two looks at the clocks, milliseconds: one that is off for a second is seen. */
const LOOK_MS = 400;
/** How long a member may take to show its clock, milliseconds. */
const ANSWER_MS = 500;

export interface ClockWatchOptions {
  readonly id: MemberId;
  /** All members as they are known now, this one too. */
  readonly members: () => readonly MemberAddresses[];
  readonly network: Pick<RpcNetwork, 'connect'>;
  readonly clock: Clock;
  readonly log: LogLine;
  readonly signal: AbortSignal;
}

/** Compares the members' wall clocks until the signal, and says when one is off and right again. */
export async function watchClocks(options: ClockWatchOptions): Promise<void> {
  const { id, members, clock, signal } = options;
  let faces: readonly ClockFace[] = [];
  const verdicts = new ClockVerdicts(options.log);
  while (!signal.aborted) {
    const others = members().filter((member) => member.id !== id);
    const left = faces.filter((face) => !others.some((member) => face.isOf(member)));
    faces = others.map(
      (member) => faces.find((face) => face.isOf(member)) ?? new ClockFace(member, options),
    );
    await Promise.all(left.map((face) => face.close()));
    const readings = await Promise.all(faces.map((face) => face.read()));
    const own = { id, aheadMs: clock.wallMs() - clock.monotonicMs(), errorMs: 0 };
    verdicts.take([own, ...readings.filter((reading) => reading !== undefined)]);
    await pause(clock, LOOK_MS, signal);
  }
  await Promise.all(faces.map((face) => face.close()));
}

/** Says when a clock begins to be off, and when it is right again: a line each. */
export class ClockVerdicts {
  readonly #log: LogLine;
  #off: ReadonlySet<MemberId> = new Set();

  constructor(log: LogLine) {
    this.#log = log;
  }

  take(readings: readonly ClockReading[]): void {
    const before = this.#off;
    const tolerated = before.size === 0 ? CLOCK_OFF_MS : CLOCK_RIGHT_MS;
    const { majority, off } = compareClocks(readings, tolerated);
    // While more of them answered it was known which are right; that stands.
    if (!majority && before.size > 0) return;
    for (const [id, aheadMs] of off) {
      if (before.has(id)) continue;
      this.#log(`the clock of member ${id} ${clockText(aheadMs, majority)}: set it right`);
    }
    const silent = [...before].filter((id) => !readings.some((reading) => reading.id === id));
    this.#off = new Set([...off.keys(), ...silent]);
    for (const id of before) {
      if (!this.#off.has(id)) this.#log(`the clock of member ${id} agrees with most again`);
    }
  }
}

/** The clock of another member, over a connection that is kept. */
class ClockFace {
  readonly #member: MemberAddresses;
  readonly #options: ClockWatchOptions;
  #connection: RpcConnection | undefined;

  constructor(member: MemberAddresses, options: ClockWatchOptions) {
    this.#member = member;
    this.#options = options;
  }

  isOf({ id, clientAddress }: MemberAddresses): boolean {
    return this.#member.id === id && this.#member.clientAddress === clientAddress;
  }

  /** Undefined when it can't be seen now. */
  async read(): Promise<ClockReading | undefined> {
    const { clock, network, signal } = this.#options;
    const { id, clientAddress } = this.#member;
    try {
      return await withTimeout(clock, ANSWER_MS, signal, async (ending) => {
        if (this.#connection?.open !== true) {
          this.#connection = await network.connect(clientAddress, ending);
        }
        const connection = this.#connection;
        const wallMs = async () =>
          parseStatus(await connection.request(RpcMethod.Status, null, ending)).wallMs;
        return await readClock(id, wallMs, () => clock.monotonicMs());
      });
    } catch {
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }
}
