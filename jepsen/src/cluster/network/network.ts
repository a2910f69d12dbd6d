/** Who sends: a member by its id, or all clients. */
export type Peer = number | 'clients';

/** What one direction between two peers suffers. All that is given holds at once. */
export interface LinkFault {
  /** Nothing comes through; nobody is told. */
  readonly cut?: boolean;
  /** All comes later by so much, and by up to `jitterMs` more. */
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
  /** Bytes come in pieces of at most so many, each on its own. */
  readonly sliceBytes?: number;
  /**
   * The share of packets lost, 0 to 1: where streams are carried, what is lost holds up the stream for
   * the time that TCP takes to send it again.
   */
  readonly lossShare?: number;
}

/** Where the members' ports are, and what carries bytes between them. */
export interface Network extends AsyncDisposable {
  readonly kind: 'namespaces' | 'proxies';
  /** The faults in which a nemesis can be denied, with the reason. */
  readonly unavailable: Readonly<Partial<Record<keyof LinkFault | 'reset', string>>>;
  /** Puts before a command what runs it at this member's place. */
  enter(id: number): readonly string[];
  /** Sets what the direction suffers from now on; {}: nothing. */
  setLink(from: Peer, to: Peer, fault: LinkFault): Promise<void>;
  /** Ends the connections between these with a reset. */
  reset(from: Peer, to: Peer): Promise<void>;
  /** Every link as it was at first. */
  heal(): Promise<void>;
}
