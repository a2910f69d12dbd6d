import type { MemberId } from 'raft-ts';

/** A machine on the network: a member's id, or a client's number. */
export type NodeId = MemberId;

/**
 * What happens to packets at a blocked link: lost, or late by as long as it stays blocked. refuse:
 * lost, and who connects is told that nobody listens, as by a firewall.
 */
export type Blockage = 'drop' | 'hold' | 'refuse';

export interface Packet {
  /** Undefined for one that travels on its own. */
  readonly stream: Stream | undefined;
  readonly link: Link;
  readonly arrive: () => void;
  /** Whether it is sent again when it gets lost. */
  readonly repeated: boolean;
  lost: boolean;
}

/** How one direction between two machines behaves. */
export class Link {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly streams = new Set<Stream>();
  held: Packet[] = [];
  /** Added to every packet's delay. */
  extraDelayMs = 0;
  #blockages: { readonly kind: Blockage }[] = [];

  constructor(from: NodeId, to: NodeId) {
    this.from = from;
    this.to = to;
  }

  /** The latest that has not ended; several may overlap. */
  get blockage(): Blockage | undefined {
    return this.#blockages.at(-1)?.kind;
  }

  /** Returns what ends it; that one says whether the link is free then. */
  block(kind: Blockage): () => boolean {
    const blockage = { kind };
    this.#blockages.push(blockage);
    return () => {
      this.#blockages = this.#blockages.filter((other) => other !== blockage);
      return this.#blockages.length === 0;
    };
  }
}

/** Who is told when a stream breaks. */
export interface StreamEnds {
  /** At once, wherever that is found out. */
  readonly broken?: () => void;
  /** In the receiver's process, behind what still arrives, and once the link lets that through. */
  readonly reset?: () => void;
}

/** An ordered flow of packets from one machine to another. */
export class Stream {
  readonly link: Link;
  readonly ends: StreamEnds;
  readonly underWay: Packet[] = [];
  lastArrivalMs = 0;
  broken = false;

  constructor(link: Link, ends: StreamEnds) {
    this.link = link;
    this.ends = ends;
    link.streams.add(this);
  }

  /** Nothing more can be sent over it; what is on its way arrives. */
  end(): void {
    this.broken = true;
    this.link.streams.delete(this);
  }
}
