import type { WireValue } from '@raft-ts/net';
import {
  type Deadline,
  type OutsideWork,
  type Prepared,
  StateMachineError,
} from '@raft-ts/statemachine';
import type { Intent } from '../namespace/mounts/intent.js';
import { NEVER_AGAIN, syncIntervalOf } from '../namespace/mounts/mount.js';
import { encodeCondition, type WireCondition } from '../namespace/mounts/mount-condition.js';
import type { MountObserver } from '../namespace/mounts/mount-state.js';
import type { NamespaceCommand } from '../namespace/operations/operation-table.js';
import { begunIntent, type OperationResult } from '../namespace/operations/result.js';
import type { NamespaceQuery, QueryOf } from '../namespace/queries/query-table.js';
import { Place, walkPath } from '../namespace/tree/path-walk.js';
import { Commands } from './commands.js';
import { Freshening } from './freshening.js';
import { isListingKnown, isPathKnown } from './freshness-of.js';
import { Lead } from './lead.js';
import type { MountsOptions, MountsService } from './mounts-options.js';
import { Questions } from './questions.js';
import { SyncTimes } from './sync-times.js';

/** What a member does for mounts while it leads. */
interface Leading {
  readonly lead: Lead;
  readonly commands: Commands;
  readonly questions: Questions;
}

/** A member that does not lead has looked nowhere. */
const NO_TIMES = new SyncTimes();

/**
 * Mounts on one member: what of commands and queries happens in storages, as the leader; other members send such queries
 * there, but for what never changes in their own tree.
 */
export class Mounts
  implements OutsideWork<NamespaceCommand, NamespaceQuery>, MountObserver, AsyncDisposable
{
  readonly #options: MountsOptions;
  #service: MountsService | undefined;
  #leading: Leading | undefined;
  /** Queries for which what they need has been read. */
  readonly #readAhead = new WeakSet<NamespaceQuery>();
  /** Who waits for the ends of intents. */
  readonly #waiting = new Map<number, Set<(outcome: OperationResult) => void>>();

  constructor(options: MountsOptions) {
    this.#options = options;
  }

  /** The service whose outside work this is: nothing is asked of it before. */
  serve(service: MountsService): void {
    this.#service = service;
  }

  leads(term: number | undefined): void {
    void this.#leading?.lead.end();
    this.#leading = undefined;
    const { tree, clock } = this.#options;
    if (term === undefined || this.#service === undefined) return;
    const lead = new Lead(this.#options, this.#service);
    const freshening = new Freshening(lead, clock);
    this.#leading = {
      lead,
      commands: new Commands(lead, freshening),
      questions: new Questions(lead, freshening, clock),
    };
    tree().mounts.observer = this;
    lead.wake();
  }

  prepare(command: NamespaceCommand, until: Deadline): Promise<Prepared> | undefined {
    return this.#leading?.commands.prepare(command, until);
  }

  settle(
    _command: NamespaceCommand,
    result: WireValue,
    until: Deadline,
  ): Promise<WireValue> | undefined {
    const id = Array.isArray(result) ? begunIntent(result[0]) : undefined;
    return id === undefined ? undefined : this.#outcome(id, until);
  }

  async #outcome(id: number, { signal }: Deadline): Promise<WireValue> {
    const { mounts } = this.#options.tree();
    const known = mounts.outcomeOf(id);
    if (known !== undefined) return [known];
    if (!mounts.intents.has(id)) {
      const message = 'the change ended so long ago that nobody knows how';
      throw new StateMachineError('OUTCOME_UNKNOWN', message, { outcome: 'unknown' });
    }
    return [await this.#ended(id, signal)];
  }

  #ended(id: number, signal: AbortSignal): Promise<OperationResult> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, waiting);
      const leave = () => {
        signal.removeEventListener('abort', abort);
        waiting.delete(ended);
        if (waiting.size === 0) this.#waiting.delete(id);
      };
      const ended = (outcome: OperationResult) => {
        leave();
        resolve(outcome);
      };
      const abort = () => {
        leave();
        reject(signal.reason);
      };
      waiting.add(ended);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }

  ready(query: NamespaceQuery, until: Deadline): Promise<WireValue> | undefined {
    if (this.#leading !== undefined) return this.#leading.questions.ready(query, until);
    if (query.kind === 'getStatusById') return undefined;
    if (query.kind !== 'getStatus' && query.kind !== 'list') return Promise.reject(notLeader());
    const tree = this.#options.tree();
    if (tree.mounts.of(query.path) === undefined) return undefined;
    // Once: memory that forgets it at once would have it read for ever.
    const reading = this.#readAhead.has(query)
      ? undefined
      : tree.prefetch([query.path], until.signal);
    this.#readAhead.add(query);
    // Then it is asked again.
    if (reading !== undefined) return reading.then(() => undefined);
    return this.#isKnownForEver(query) ? undefined : Promise.reject(notLeader());
  }

  /** A member that follows answers what lies in no mount, or is never looked at again. */
  #isKnownForEver(query: QueryOf<'getStatus' | 'list'>): boolean {
    const tree = this.#options.tree();
    const mount = tree.mounts.of(query.path);
    if (mount === undefined) return true;
    const { path, syncIntervalMs = syncIntervalOf(mount, path) } = query;
    if (syncIntervalMs !== NEVER_AGAIN) return false;
    if (query.kind === 'getStatus') return isPathKnown(tree, NO_TIMES, mount, path, 'ever');
    const place = walkPath(tree, path);
    const inode = place instanceof Place ? place.inode : undefined;
    return inode !== undefined && isListingKnown(NO_TIMES, inode, 'ever');
  }

  intentBegan(intent: Intent): void {
    this.#leading?.lead.intentBegan(intent);
  }

  intentEnded(intent: Intent, outcome: OperationResult): void {
    this.#leading?.lead.intentEnded(intent);
    for (const ended of [...(this.#waiting.get(intent.id) ?? [])]) ended(outcome);
  }

  mountsChanged(): void {
    this.#leading?.lead.mountsChanged();
  }

  condition(mount: number): WireCondition | undefined {
    const condition = this.#leading?.lead.condition(mount);
    return condition && encodeCondition(condition);
  }

  /** Ends all that is under way. Safe to call twice. */
  async close(): Promise<void> {
    const leading = this.#leading;
    this.#leading = undefined;
    await leading?.lead.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function notLeader(): StateMachineError {
  return new StateMachineError('NOT_LEADER', 'what lies in a mount is answered by the leader');
}
