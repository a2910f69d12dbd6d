import type { MemberPlace } from '../../cluster/member.js';
import type { Json, JsonObject } from '../../histories/json.js';
import { DefiniteFailure } from '../../workloads/workload.js';

/** What etcd answered over its JSON gateway, or why not. */
class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Asks a member; rejects with DefiniteFailure where it did not listen, so that nothing was sent. */
export async function ask(
  member: MemberPlace,
  path: string,
  body: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject> {
  const url = `http://${member.clientAddresses.client}${path}`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), signal }).catch(
    (error: unknown) => {
      throw isRefused(error)
        ? new DefiniteFailure('ECONNREFUSED', `${member.name} is away`)
        : error;
    },
  );
  const answer: Json = JSON.parse(await response.text());
  if (!isObject(answer)) throw new EtcdError('ANSWER', 'the answer is no object');
  if (response.ok) return answer;
  throw new EtcdError(`GRPC_${answer.code}`, `${answer.message ?? answer.error}`);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Bytes as the gateway takes and gives them. */
export function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function fromBase64(base64: Json | undefined): string {
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64').toString() : '';
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
