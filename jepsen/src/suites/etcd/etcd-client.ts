import type { MemberPlace } from '../../cluster/member.js';
import type { CallInput } from '../../histories/history-event.js';
import type { Json, JsonObject } from '../../histories/json.js';
import {
  type Client,
  type ClientAnswer,
  type ClientCallOptions,
  DefiniteFailure,
} from '../../workloads/workload.js';
import { ask, fromBase64, isObject, toBase64 } from './gateway.js';

/** How a call is carried out by requests to one member. */
export type EtcdCall = (input: CallInput, ask: AskMember) => Promise<Json>;

export type AskMember = (path: string, body: JsonObject) => Promise<JsonObject>;

/** Asks a member of its own, or another one for each call. */
export class EtcdClient implements Client {
  readonly #members: readonly MemberPlace[];
  readonly #keeps: boolean;
  readonly #call: EtcdCall;
  readonly #reads: ReadonlySet<string>;
  #next: number;

  constructor(
    members: readonly MemberPlace[],
    first: number,
    keeps: boolean,
    call: EtcdCall,
    reads: ReadonlySet<string>,
  ) {
    this.#members = members;
    this.#next = first;
    this.#keeps = keeps;
    this.#call = call;
    this.#reads = reads;
  }

  get member(): number {
    return this.#place().id;
  }

  async invoke(input: CallInput, { signal }: ClientCallOptions): Promise<ClientAnswer> {
    const member = this.#place();
    if (!this.#keeps) this.#next++;
    try {
      const output = await this.#call(input, (path, body) => ask(member, path, body, signal));
      return { output, member: member.id };
    } catch (error) {
      if (error instanceof DefiniteFailure || !this.#reads.has(input.kind)) throw error;
      // A read that brought nothing changed nothing.
      throw new DefiniteFailure('NO_ANSWER', error instanceof Error ? error.message : `${error}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #place(): MemberPlace {
    const member = this.#members[this.#next % this.#members.length];
    if (member === undefined) throw new RangeError('there are no members');
    return member;
  }
}

/** The register of a key is the value of a key of etcd, as JSON. */
export const carryOutRegister: EtcdCall = async (input, askMember) => {
  const key = toBase64(`register/${input.key}`);
  const { from = null, to = null } = input;
  switch (input.kind) {
    case 'read': {
      const [value = null] = entriesOf(await askMember('/v3/kv/range', { key }));
      return value;
    }
    case 'write':
      await askMember('/v3/kv/put', { key, value: encode(input.value ?? null) });
      return null;
    case 'compare-and-set': {
      const compare =
        from === null
          ? { key, target: 'VERSION', result: 'EQUAL', version: '0' }
          : { key, target: 'VALUE', result: 'EQUAL', value: encode(from) };
      const success = [{ requestPut: { key, value: encode(to) } }];
      const answer = await askMember('/v3/kv/txn', { compare: [compare], success });
      return answer.succeeded === true;
    }
    default:
      throw new DefiniteFailure('NO_SUCH_CALL', `etcd has no ${input.kind}`);
  }
};

/** An element of a set is a key of etcd. */
export const carryOutSet: EtcdCall = async (input, askMember) => {
  const prefix = `set/${input.key ?? ''}/`;
  const { element = null } = input;
  if (input.kind === 'add') {
    const key = toBase64(`${prefix}${element}`);
    await askMember('/v3/kv/put', { key, value: encode(element) });
    return null;
  }
  if (input.kind !== 'read') throw new DefiniteFailure('NO_SUCH_CALL', `etcd has no ${input.kind}`);
  const range = { key: toBase64(prefix), range_end: toBase64(behind(prefix)) };
  return entriesOf(await askMember('/v3/kv/range', range));
};

/** The first key behind all that begin with this one, which ends with a slash. */
function behind(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

function encode(value: Json): string {
  return toBase64(JSON.stringify(value));
}

/** The values of the keys that were found. */
function entriesOf(answer: JsonObject): readonly Json[] {
  const found = answer.kvs;
  const entries: readonly Json[] = Array.isArray(found) ? found : [];
  return entries.filter(isObject).map((entry): Json => JSON.parse(fromBase64(entry.value)));
}
