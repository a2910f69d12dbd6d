import { milliseconds, type OptionsForm, wholeNumber } from '../options/index.js';

/** What bounds an HTTP server. */
export interface HttpServerLimits {
  /**
   * Connections; for a further one the first that asks nothing is closed, and itself while all are being
   * answered. 256 by default.
   */
  readonly maxConnections: number;
  /** Bytes of a request's headers; more are answered with 431. 16 KiB by default. */
  readonly maxHeaderBytes: number;
  /** Milliseconds for a request's headers to arrive; then it is answered with 408. 10,000 by default. */
  readonly headersTimeoutMs: number;
  /** Milliseconds for a request to arrive with its body; then 408. 60,000 by default. */
  readonly requestTimeoutMs: number;
  /** Bytes of a request's body; more are answered with 413. 1 MiB by default. */
  readonly maxBodyBytes: number;
  /** Milliseconds that a connection stays open between requests. 10,000 by default. */
  readonly idleTimeoutMs: number;
  /** Milliseconds in which a client has to take something of what waits for it. 30,000 by default. */
  readonly untakenTimeoutMs: number;
}

export const defaultHttpServerLimits: HttpServerLimits = {
  maxConnections: 256,
  maxHeaderBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  maxBodyBytes: 1024 * 1024,
  idleTimeoutMs: 10_000,
  untakenTimeoutMs: 30_000,
};

/** What bounds an HTTP client. */
export interface HttpClientLimits {
  /** Connections to one address; further requests wait for one. 8 by default. */
  readonly maxConnectionsPerAddress: number;
  /** Milliseconds to connect. 5,000 by default. */
  readonly connectTimeoutMs: number;
  /** Milliseconds for an answer to begin. 30,000 by default. */
  readonly headersTimeoutMs: number;
  /** Milliseconds without anything more of an answer. 30,000 by default. */
  readonly bodyTimeoutMs: number;
  /** Bytes of an answer's headers. 16 KiB by default. */
  readonly maxHeaderBytes: number;
  /** Bytes of an answer that is taken as a whole. 1 MiB by default. */
  readonly maxBodyBytes: number;
  /** Milliseconds that a connection stays open between requests. 4,000 by default. */
  readonly idleTimeoutMs: number;
}

export const defaultHttpClientLimits: HttpClientLimits = {
  maxConnectionsPerAddress: 8,
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 30_000,
  bodyTimeoutMs: 30_000,
  maxHeaderBytes: 16 * 1024,
  maxBodyBytes: 1024 * 1024,
  idleTimeoutMs: 4_000,
};

export const httpServerLimitsForm: OptionsForm<Partial<HttpServerLimits>, HttpServerLimits> = {
  fields: {
    maxConnections: wholeNumber(1),
    maxHeaderBytes: wholeNumber(1),
    headersTimeoutMs: milliseconds,
    requestTimeoutMs: milliseconds,
    maxBodyBytes: wholeNumber(1),
    idleTimeoutMs: milliseconds,
    untakenTimeoutMs: milliseconds,
  },
  defaults: defaultHttpServerLimits,
};

export const httpClientLimitsForm: OptionsForm<Partial<HttpClientLimits>, HttpClientLimits> = {
  fields: {
    maxConnectionsPerAddress: wholeNumber(1),
    connectTimeoutMs: milliseconds,
    headersTimeoutMs: milliseconds,
    bodyTimeoutMs: milliseconds,
    maxHeaderBytes: wholeNumber(1),
    maxBodyBytes: wholeNumber(1),
    idleTimeoutMs: milliseconds,
  },
  defaults: defaultHttpClientLimits,
};
