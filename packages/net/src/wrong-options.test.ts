import { type OptionsTaker, tryWrongOptions } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { systemClock } from './async/clock.js';
import { isNetError } from './errors.js';
import { HttpClient } from './http/http-client.js';
import {
  defaultHttpClientLimits,
  defaultHttpServerLimits,
  type HttpClientLimits,
} from './http/http-limits.js';
import { HttpServer, type HttpServerOptions } from './http/http-server.js';
import { MemoryRpcNetwork } from './rpc/memory-rpc.js';
import { defaultRpcLimits, type RpcLimits } from './rpc/rpc-limits.js';
import { TcpRpcNetwork, type TcpRpcOptions } from './rpc/tcp-rpc.js';

const isRefusal = (error: unknown) => isNetError(error, 'OPTIONS_INVALID');

it('MemoryRpcNetwork refuses wrong options and names them', async () => {
  const taker: OptionsTaker<Partial<RpcLimits>> = {
    name: 'MemoryRpcNetwork',
    right: defaultRpcLimits,
    outOfRange: { maxFrameBytes: [0, -1, 1.5, Number.POSITIVE_INFINITY] },
    take: (options) => new MemoryRpcNetwork(options),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('TcpRpcNetwork refuses wrong options and names them', async () => {
  const taker: OptionsTaker<TcpRpcOptions> = {
    name: 'TcpRpcNetwork',
    right: {
      ...defaultRpcLimits,
      maxConnections: 1,
      maxUngreeted: 1,
      maxIncompleteBytes: 1,
      frameTimeoutMs: 1,
      maxUntakenBytes: 1,
      untakenTimeoutMs: 1,
      connectTimeoutMs: 1,
      greetingTimeoutMs: 1,
      name: 'member 1',
      reservedNames: ['member 2'],
      onEvent: () => {},
    },
    outOfRange: { maxConnections: [0, -1, 1.5], connectTimeoutMs: [0, 2 ** 31] },
    take: (options) => new TcpRpcNetwork(options),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('HttpServer refuses wrong options and names them', async () => {
  const taker: OptionsTaker<HttpServerOptions> = {
    name: 'HttpServer',
    right: { ...defaultHttpServerLimits, clock: systemClock, onEvent: () => {} },
    outOfRange: { maxConnections: [0, -1, 1.5], idleTimeoutMs: [0, 2 ** 31] },
    take: async (options) => {
      const server = await HttpServer.open('127.0.0.1:0', () => ({ status: 200 }), options);
      await server.close();
    },
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('HttpClient refuses wrong options and names them', async () => {
  const taker: OptionsTaker<Partial<HttpClientLimits>> = {
    name: 'HttpClient',
    right: defaultHttpClientLimits,
    outOfRange: { maxBodyBytes: [0, -1, 1.5], connectTimeoutMs: [0, 2 ** 31] },
    take: (options) => new HttpClient(options),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('all that is wrong is told at once, with what is taken and what was probably meant', () => {
  const options = {
    maxFrameByte: 1,
    maxQueuedBytes: '5',
    nonsense: 1,
    maxInflightBytes: Number.NaN,
  };
  expect(() => Reflect.construct(MemoryRpcNetwork, [options])).toThrow(
    'maxFrameByte is no option; did you mean maxFrameBytes?; nonsense is no option; ' +
      'maxQueuedBytes must be a whole number of at least 1, not "5"; ' +
      'maxInflightBytes must be a whole number of at least 1, not NaN',
  );
});

it('what is undefined counts as not given, an unknown name of the prototype as unknown', () => {
  expect(() => Reflect.construct(TcpRpcNetwork, [{ maxConnections: undefined }])).not.toThrow();
  const options: unknown = JSON.parse('{"__proto__": {"maxFrameBytes": 0}, "constructor": 1}');
  expect(() => Reflect.construct(TcpRpcNetwork, [options])).toThrow(
    '__proto__ is no option; constructor is no option',
  );
});
