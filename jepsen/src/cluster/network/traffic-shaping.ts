import { hostCommandProblem, runHostCommand } from '../host-command.js';
import type { LinkFault } from './network.js';

/** Where packets leave. */
export interface Egress {
  /** Put before commands so that they find the device. */
  readonly enter: readonly string[];
  readonly device: string;
}

/** Packets to one address, under a number of their own. */
export interface TrafficClass {
  readonly number: number;
  readonly address: string;
}

/** Why this kernel can't. */
export interface ShapingProblems {
  readonly delay?: string;
  readonly throttle?: string;
}

/** Where packets are only delayed. */
const UNLIMITED_RATE = '100gbit';
const ROOT = ['parent', '1:'];

/** Tries it on the loopback device of this namespace, to which nobody listens yet. */
export async function shapingProblems(enter: readonly string[]): Promise<ShapingProblems> {
  const egress = { enter, device: 'lo' };
  const attempt = async (fault: LinkFault): Promise<string | undefined> => {
    const tried = { number: 1, address: '127.0.0.9' };
    try {
      await shapeTraffic(egress, tried, {}, fault);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      await hostCommandProblem(...tc(egress, 'qdisc', 'delete', 'root'));
    }
  };
  const throttle = await attempt({ bytesPerSecond: 1_000_000 });
  const delay = throttle ?? (await attempt({ delayMs: 1, jitterMs: 1 }));
  return {
    ...(throttle === undefined ? {} : { throttle: `this kernel shapes no traffic: ${throttle}` }),
    ...(delay === undefined ? {} : { delay: `this kernel has no netem: ${delay}` }),
  };
}

/** Delays and throttles what leaves for an address. */
export async function shapeTraffic(
  egress: Egress,
  to: TrafficClass,
  former: LinkFault,
  fault: LinkFault,
): Promise<void> {
  if (shapeOf(former) === shapeOf(fault)) return;
  const id = `1:${to.number.toString(16)}`;
  const filter = [...ROOT, 'protocol', 'ip', 'prio', `${to.number}`];
  if (isShaped(former)) {
    await runHostCommand(...tc(egress, 'filter', 'delete', ...filter));
    await runHostCommand(...tc(egress, 'class', 'delete', 'classid', id));
  }
  if (!isShaped(fault)) return;
  const { bytesPerSecond, delayMs = 0, jitterMs = 0 } = fault;
  const rate =
    bytesPerSecond === undefined ? UNLIMITED_RATE : `${Math.ceil(bytesPerSecond * 8)}bit`;
  // Fails where it is there already.
  await hostCommandProblem(...tc(egress, 'qdisc', 'add', 'root', 'handle', '1:', 'htb'));
  await runHostCommand(...tc(egress, 'class', 'add', ...ROOT, 'classid', id, 'htb', 'rate', rate));
  if (delayMs > 0 || jitterMs > 0) {
    // Half as much in both directions around the middle is between the least and the most.
    const [middle, spread] = [delayMs + jitterMs / 2, jitterMs / 2];
    const netem = ['netem', 'delay', `${middle}ms`, ...(spread > 0 ? [`${spread}ms`] : [])];
    await runHostCommand(...tc(egress, 'qdisc', 'add', 'parent', id, ...netem));
  }
  const match = ['u32', 'match', 'ip', 'dst', `${to.address}/32`, 'flowid', id];
  await runHostCommand(...tc(egress, 'filter', 'add', ...filter, ...match));
}

function isShaped({ bytesPerSecond, delayMs = 0, jitterMs = 0 }: LinkFault): boolean {
  return bytesPerSecond !== undefined || delayMs > 0 || jitterMs > 0;
}

function shapeOf({ bytesPerSecond, delayMs = 0, jitterMs = 0 }: LinkFault): string {
  return `${bytesPerSecond} ${delayMs} ${jitterMs}`;
}

function tc(
  { enter, device }: Egress,
  object: string,
  action: string,
  ...args: readonly string[]
): [string, ...string[]] {
  const [file = '', ...rest] = [...enter, 'tc', object, action, 'dev', device, ...args];
  return [file, ...rest];
}
