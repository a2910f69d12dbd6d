import type { Protocol } from '@raft-ts/net';
import { NetError } from '@raft-ts/net';
import { isMemberId, type MemberId } from '../core/log/entry.js';

export const memberProtocol: Protocol = { name: 'raft-ts-member', version: 3 };

/** Who wants to send to whom, in which cluster. */
export interface MemberHello {
  readonly cluster: string;
  readonly from: MemberId;
  readonly to: MemberId;
}

export function encodeHello(hello: MemberHello): string {
  return JSON.stringify(hello);
}

/** Throws MESSAGE_INVALID. */
export function decodeHello(text: string): MemberHello {
  const { cluster, from, to } = parseObject(text);
  if (typeof cluster !== 'string' || !isMemberId(from) || !isMemberId(to)) {
    throw new NetError('MESSAGE_INVALID', 'a greeting must name cluster, from and to');
  }
  return { cluster, from, to };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Refused below, like other values that are no object.
  }
  throw new NetError('MESSAGE_INVALID', 'a greeting must be a JSON object');
}
