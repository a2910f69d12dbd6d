import assert from 'node:assert/strict';
import { isNetError, type NetError, type NetErrorCode } from '../errors.js';
import type { RpcConnection, RpcHandler, RpcNetwork, RpcResponder, RpcServer } from '../rpc/rpc.js';
import type { WireValue } from '../wire/wire-value.js';
import { type ComplianceBodies, type ComplianceCase, complianceCases } from './compliance-case.js';
import { eventually } from './eventually.js';

/** A network made for one case. */
export interface RpcHome {
  readonly network: RpcNetwork;
  /** An address with a port of 0, at which any number of servers can listen. */
  readonly anyAddress: string;
  /** Bytes of one frame; 64 KiB to 1 MiB are good for this suite. */
  readonly maxFrameBytes: number;
  /** Removes everything. Called once, after all servers and connections were closed. */
  remove(): Promise<void>;
}

/**
 * What every RpcNetwork must do, as cases for any test runner:
 *
 * ```ts
 * describe('my network', () => {
 *   for (const { name, run } of rpcCompliance(createHome)) it(name, run);
 * });
 * ```
 */
export function rpcCompliance(createHome: () => Promise<RpcHome>): ComplianceCase[] {
  return complianceCases(cases, async () => new Bench(await createHome()));
}

/** Opens servers and connections, and closes those that a case leaves open. */
class Bench {
  readonly home: RpcHome;
  readonly #open: AsyncDisposable[] = [];

  constructor(home: RpcHome) {
    this.home = home;
  }

  async listen(handler: RpcHandler, address = this.home.anyAddress): Promise<RpcServer> {
    const server = await this.home.network.listen(address, handler);
    this.#open.push(server);
    return server;
  }

  async connect(address: string): Promise<RpcConnection> {
    const connection = await this.home.network.connect(address);
    this.#open.push(connection);
    return connection;
  }

  /** A server with one connection to it. */
  async pair(handler: RpcHandler): Promise<{ server: RpcServer; connection: RpcConnection }> {
    const server = await this.listen(handler);
    return { server, connection: await this.connect(server.address) };
  }

  /** Likewise; the server answers nothing, and these are the requests that it got. */
  async holding() {
    const held: Held[] = [];
    const pair = await this.pair((_method, body, responder) => held.push({ body, responder }));
    return { held, ...pair };
  }

  /** Likewise; the server takes all requests, and these are their bodies. */
  async taking() {
    const bodies: WireValue[] = [];
    const pair = await this.pair((_method, body, responder) => {
      bodies.push(body);
      responder.done(null);
    });
    return { bodies, ...pair };
  }

  async remove(): Promise<void> {
    for (const resource of this.#open) await resource[Symbol.asyncDispose]();
    await this.home.remove();
  }
}

interface Held {
  readonly body: WireValue;
  readonly responder: RpcResponder;
}

const echo: RpcHandler = (method, body, responder) => responder.done([method, body]);

async function fails(code: NetErrorCode, promise: Promise<unknown>): Promise<NetError> {
  const outcome = await promise.then(
    (value) => new Error(`it succeeded: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  assert.ok(isNetError(outcome, code), `expected ${code}, not ${outcome}`);
  return outcome;
}

async function rejectsWith(reason: Error, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => error === reason);
}

/** Byte arrays of any class are equal when their bytes are. */
function comparable(value: WireValue): WireValue {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, comparable(of)]));
}

const everyKind: WireValue = [
  null,
  true,
  false,
  [0, 1, 31, 32, 63, 64, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1],
  [-1, -32, -33, -128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1],
  [0.5, -1.25e300, Number.POSITIVE_INFINITY],
  ['', 'a', 'ü€😀', 'x'.repeat(31), 'x'.repeat(32), 'y'.repeat(255), 'z'.repeat(70_00)],
  [new Uint8Array(0), Uint8Array.of(0, 1, 255), Buffer.alloc(300, 7)],
  { a: 1, 'with space': { nested: [{}, []] }, constructor: 'c', toString: 't' },
  Array.from({ length: 1_000 }, (_, i) => i),
  Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key ${i}`, i])),
];

const cases: ComplianceBodies<Bench> = {
  'carries methods and every kind of value both ways': async (bench) => {
    const { connection } = await bench.pair(echo);
    for (const method of [0, 1, 255, 65_535]) {
      const answer = await connection.request(method, everyKind);
      assert.deepEqual(comparable(answer), comparable([method, everyKind]));
    }
    assert.deepEqual(await connection.request(1, null), [1, null]);
  },

  'hands a failure to the caller with its code, message and details': async (bench) => {
    const failure = { code: 'NOT_LEADER', message: 'ask member 2', details: { leader: 2 } };
    const other = { code: 'OTHER', message: 'no details' };
    const { connection } = await bench.pair((method, _body, responder) =>
      responder.failed(method === 1 ? failure : other),
    );
    assert.deepEqual((await fails('RPC_FAILED', connection.request(1, null))).details, failure);
    assert.deepEqual((await fails('RPC_FAILED', connection.request(2, null))).details, other);
    assert.equal(connection.open, true);
  },

  'never calls the handler inside a call of request': async (bench) => {
    const { held, connection } = await bench.holding();
    const answer = connection.request(1, 'a');
    assert.equal(held.length, 0);
    await eventually('it arrives', () => held.length === 1);
    held[0]?.responder.done('b');
    assert.equal(await answer, 'b');
  },

  'handles the requests of a connection in order': async (bench) => {
    const { bodies, connection } = await bench.taking();
    const expected = Array.from({ length: 2_000 }, (_, i) => i);
    await Promise.all(expected.map((i) => connection.request(1, i)));
    assert.deepEqual(bodies, expected);
  },

  'matches answers in any order to their requests': async (bench) => {
    const { held, connection } = await bench.holding();
    const count = 500;
    const answers = Array.from({ length: count }, (_, i) => connection.request(1, i));
    await eventually('all arrive', () => held.length === count);
    // 7 has no factor in common with the count, so every one is answered once.
    for (let i = 0; i < count; i++) {
      const request = held[(i * 7 + 3) % count];
      request?.responder.done(['answer', request.body]);
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(
      await Promise.all(answers),
      Array.from({ length: count }, (_, i) => ['answer', i]),
    );
  },

  'answers more requests at once than it takes in at a time': async (bench) => {
    const waiting: (() => void)[] = [];
    const { connection } = await bench.pair((_method, body, responder) => {
      waiting.push(() => responder.done(body));
      if (waiting.length === 1) {
        setImmediate(() => {
          for (const answer of waiting.splice(0)) answer();
        });
      }
    });
    const bodies = Array.from({ length: 20_000 }, (_, i) => i);
    assert.deepEqual(await Promise.all(bodies.map((i) => connection.request(1, i))), bodies);
  },

  'serves many connections at once': async (bench) => {
    const server = await bench.listen(echo);
    const connections = await Promise.all(
      Array.from({ length: 50 }, () => bench.connect(server.address)),
    );
    const answers = await Promise.all(connections.map((c, i) => c.request(2, i)));
    assert.deepEqual(
      answers,
      connections.map((_, i) => [2, i]),
    );
    assert.equal(server.connections, 50);
    await connections[0]?.close();
    await eventually('one connection less', () => server.connections === 49);
  },

  'makes an INTERNAL failure of what a handler throws, and goes on': async (bench) => {
    const { connection } = await bench.pair((method, body, responder) => {
      if (method === 9) throw new Error('a fault of the handler');
      responder.done(body);
    });
    const [failed, answered] = await Promise.all([
      fails('RPC_FAILED', connection.request(9, null)),
      connection.request(1, 'fine'),
    ]);
    assert.equal(failed.details?.code, 'INTERNAL');
    assert.equal(answered, 'fine');
    assert.equal(await connection.request(1, 'still'), 'still');
  },

  'sends the first answer only': async (bench) => {
    const { connection } = await bench.pair((_method, body, responder) => {
      responder.done(body);
      responder.done('again');
      responder.failed({ code: 'LATE', message: 'and again' });
      throw new Error('after the answer');
    });
    assert.equal(await connection.request(1, 'a'), 'a');
    assert.equal(await connection.request(1, 'b'), 'b');
    assert.equal(connection.open, true);
  },

  'refuses a request over the frame limit, and nothing else': async (bench) => {
    const { bodies, connection } = await bench.taking();
    const large = Buffer.alloc(bench.home.maxFrameBytes + 1);
    await fails('RPC_TOO_LARGE', connection.request(1, large));
    await connection.request(1, 'small');
    const largest = large.subarray(0, bench.home.maxFrameBytes - 16);
    await connection.request(1, largest);
    assert.deepEqual(bodies.map(comparable), ['small', comparable(largest)]);
  },

  'fails a request whose answer is over the frame limit': async (bench) => {
    const { connection } = await bench.pair((_method, body, responder) =>
      responder.done(Buffer.alloc(Number(body))),
    );
    const tooLarge = connection.request(1, bench.home.maxFrameBytes + 1);
    assert.equal((await fails('RPC_FAILED', tooLarge)).details?.code, 'RPC_TOO_LARGE');
    const answer = await connection.request(1, 3);
    assert.deepEqual(comparable(answer), 'bytes 000000');
  },

  'refuses bodies that are no wire values, and nothing else': async (bench) => {
    const { held, connection } = await bench.holding();
    const circular: unknown[] = [];
    circular.push(circular);
    for (const body of [
      new Date(),
      new Set([1]),
      new Map(),
      /x/,
      new Error('e'),
      Float64Array.of(1),
      new ArrayBuffer(3),
      2n,
      Symbol('s'),
      () => {},
      '\ud800',
      circular,
      [{ deep: new (class Point {})() }],
      JSON.parse('{"__proto__": 1}'),
    ]) {
      await fails('MESSAGE_INVALID', connection.request(1, body));
    }
    const answer = connection.request(1, 'good');
    await eventually('it arrives', () => held.length > 0);
    held[0]?.responder.done(1);
    assert.equal(await answer, 1);
    assert.equal(held.length, 1);
  },

  'makes an INTERNAL failure of an answer that is no wire value': async (bench) => {
    const { connection } = await bench.pair((method, body, responder) =>
      responder.done(method === 1 ? 'half a pair: \ud800' : body),
    );
    const error = await fails('RPC_FAILED', connection.request(1, null));
    assert.equal(error.details?.code, 'INTERNAL');
    assert.equal(await connection.request(2, 'fine'), 'fine');
  },

  'rejects an aborted request with the reason, and drops its answer': async (bench) => {
    const { held, connection } = await bench.holding();
    const controller = new AbortController();
    const first = connection.request(1, 'first', controller.signal);
    const second = connection.request(1, 'second', new AbortController().signal);
    await eventually('both arrive', () => held.length === 2);
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    await rejectsWith(reason, first);
    for (const { body, responder } of held) responder.done(body);
    assert.equal(await second, 'second');
    const third = connection.request(1, 'third');
    await eventually('it arrives', () => held.length === 3);
    held[2]?.responder.done('3');
    assert.equal(await third, '3');
  },

  'sends nothing for a signal that has fired': async (bench) => {
    const { held, connection } = await bench.holding();
    const reason = new Error('too late');
    await rejectsWith(reason, connection.request(1, 'never', AbortSignal.abort(reason)));
    const sent = connection.request(1, 'sent');
    await eventually('it arrives', () => held.length > 0);
    assert.deepEqual(
      held.map(({ body }) => body),
      ['sent'],
    );
    held[0]?.responder.done(null);
    await sent;
  },

  'stops connecting when told so': async (bench) => {
    const server = await bench.listen(echo);
    const reason = new Error('no longer wanted');
    const { network } = bench.home;
    await rejectsWith(reason, network.connect(server.address, AbortSignal.abort(reason)));
    const controller = new AbortController();
    const connecting = network.connect(server.address, controller.signal);
    controller.abort(reason);
    await rejectsWith(reason, connecting);
    await eventually('nothing is left', () => server.connections === 0);
  },

  'leaves a connection open when its connect signal fires later': async (bench) => {
    const server = await bench.listen(echo);
    const controller = new AbortController();
    const connection = await bench.home.network.connect(server.address, controller.signal);
    controller.abort();
    assert.deepEqual(await connection.request(1, 'a'), [1, 'a']);
    await connection.close();
  },

  'rejects with RPC_NOT_SENT where nobody listens': async (bench) => {
    const server = await bench.listen(echo);
    await server.close();
    await fails('RPC_NOT_SENT', bench.home.network.connect(server.address));
  },

  'rejects with ADDRESS_UNUSABLE what is no address, or taken': async (bench) => {
    const { network } = bench.home;
    for (const address of ['', 'host', ':1', 'host:', 'host:70000', 'host:x', 'a b:1']) {
      await fails('ADDRESS_UNUSABLE', network.listen(address, echo));
      await fails('ADDRESS_UNUSABLE', network.connect(address));
    }
    const server = await bench.listen(echo);
    await fails('ADDRESS_UNUSABLE', network.listen(server.address, echo));
  },

  'rejects with RPC_DISCONNECTED what the server had got when it closed': async (bench) => {
    const { held, server, connection } = await bench.holding();
    const requests = [1, 2, 3].map((i) => fails('RPC_DISCONNECTED', connection.request(1, i)));
    await eventually('all arrive', () => held.length === 3);
    await server.close();
    await Promise.all(requests);
    assert.equal(connection.open, false);
    assert.equal(server.connections, 0);
    // Answers to nobody.
    for (const { responder } of held) responder.done('too late');
  },

  'delivers the answers given before the server closed': async (bench) => {
    const { held, server, connection } = await bench.holding();
    const answered = connection.request(1, 'a');
    const unanswered = fails('RPC_DISCONNECTED', connection.request(1, 'b'));
    await eventually('both arrive', () => held.length === 2);
    held[0]?.responder.done('answer');
    await server.close();
    assert.equal(await answered, 'answer');
    await unanswered;
  },

  'rejects with RPC_DISCONNECTED what was in flight when the client closed': async (bench) => {
    const { held, server, connection } = await bench.holding();
    const arrived = fails('RPC_DISCONNECTED', connection.request(1, 'a'));
    await eventually('it arrives', () => held.length === 1);
    const fresh = fails('RPC_DISCONNECTED', connection.request(1, 'b'));
    await connection.close();
    await arrived;
    await fresh;
    assert.equal(connection.open, false);
    held[0]?.responder.done('too late');
    await eventually('the server notices', () => server.connections === 0);
  },

  'rejects with RPC_NOT_SENT on a closed connection': async (bench) => {
    const { held, connection } = await bench.holding();
    await connection.close();
    await connection.close();
    await fails('RPC_NOT_SENT', connection.request(1, 'a'));
    assert.equal(held.length, 0);
  },

  'rejects with RPC_NOT_SENT after the server has gone': async (bench) => {
    const { server, connection } = await bench.pair(echo);
    await server.close();
    await server.close();
    await eventually('the client notices', () => !connection.open);
    await fails('RPC_NOT_SENT', connection.request(1, 'a'));
  },

  'connects again after the server restarted at the same address': async (bench) => {
    const first = await bench.pair(echo);
    await first.connection.request(1, 'a');
    await first.server.close();
    const again = await bench.listen(echo, first.server.address);
    assert.equal(again.address, first.server.address);
    const connection = await bench.connect(again.address);
    assert.deepEqual(await connection.request(1, 'b'), [1, 'b']);
    await fails('RPC_NOT_SENT', first.connection.request(1, 'c'));
  },
};
