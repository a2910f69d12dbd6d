/** One member of a cluster under test, as it is placed. It keeps its place however often it starts. */
export interface MemberPlace {
  /** From 1. */
  readonly id: number;
  /** As in logs and reports: `n1`. */
  readonly name: string;
  /** Where it listens. */
  readonly host: string;
  /** The ports at which it listens, by the names that the database gave. */
  readonly ports: Readonly<Record<string, number>>;
  /** `host:port` at which other members reach it; it tells them this one. May lead through a proxy. */
  readonly peerAddresses: Readonly<Record<string, string>>;
  /** `host:port` at which clients reach it. */
  readonly clientAddresses: Readonly<Record<string, string>>;
  /** Where its data lies: its own, empty before the first start. */
  readonly directory: string;
  /** What it printed on standard output and standard error, over all of its starts. */
  readonly logFile: string;
}
