import type { Effect, Entry, MemberId, Message, Raft, WriteEffect } from 'raft-ts/core';
import type { Application } from './application.js';
import type { Parcel } from './parcel.js';
import type { Work } from './work.js';

/** What a member's storage works with: its core, and everything around that. */
export interface MemberPorts {
  readonly id: MemberId;
  readonly raft: Raft;
  readonly application: Application;
  /** Whether no more is applied at once than the options say. */
  readonly appliesInParts: boolean;
  /** What there is to do and to be seen, once. */
  takeEffects(): readonly Effect[];
  writeToDisk(effect: WriteEffect): void;
  /** Gives entries to the application; returns lines about the configurations they brought. */
  apply(entries: readonly Entry[]): readonly string[];
  /** Sees to an effect that has nothing to do with writing and applying entries. */
  carryOut(work: Work, effect: Effect): void;
  parcels(messages: readonly Message[]): readonly Parcel[];
  post(parcels: readonly Parcel[]): void;
  print(text: string): void;
}
