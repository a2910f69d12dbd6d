import type { MemberId } from 'raft-ts';
import type { NamedProperty, Property, Violation, World } from './property.js';
import type { VirtualTime } from './time.js';

type Hooks = { readonly [Name in keyof Required<Property>]: Required<Property>[Name] };

/** Passes on what happens to every property that wants to know, and keeps the first violation. */
export class Watch {
  readonly hooks: Hooks;
  readonly #time: VirtualTime;
  #violation: Violation | undefined;

  constructor(named: readonly NamedProperty[], world: World, time: VirtualTime) {
    this.#time = time;
    const properties = named.map(({ name, create }) =>
      create(world, (message) => this.violate(name, message)),
    );
    this.hooks = {
      sent: fan(properties, 'sent'),
      believed: fan(properties, 'believed'),
      handedOver: fan(properties, 'handedOver'),
      durable: fan(properties, 'durable'),
      turned: fan(properties, 'turned'),
      applied: fan(properties, 'applied'),
      snapshotTaken: fan(properties, 'snapshotTaken'),
      backedUp: fan(properties, 'backedUp'),
      transferBegun: fan(properties, 'transferBegun'),
      installed: fan(properties, 'installed'),
      tookEffect: fan(properties, 'tookEffect'),
      started: fan(properties, 'started'),
      wiped: fan(properties, 'wiped'),
      stateWiped: fan(properties, 'stateWiped'),
      rebuilt: fan(properties, 'rebuilt'),
      diverged: fan(properties, 'diverged'),
      stopped: fan(properties, 'stopped'),
      processEnded: fan(properties, 'processEnded'),
      transferAsked: fan(properties, 'transferAsked'),
      transferAnswered: fan(properties, 'transferAnswered'),
      invoked: fan(properties, 'invoked'),
      completed: fan(properties, 'completed'),
      sessionLost: fan(properties, 'sessionLost'),
      mountChanged: fan(properties, 'mountChanged'),
      contentRefused: fan(properties, 'contentRefused'),
      ownListed: fan(properties, 'ownListed'),
      ownSeen: fan(properties, 'ownSeen'),
      outsideSeen: fan(properties, 'outsideSeen'),
      mountSettled: fan(properties, 'mountSettled'),
      finished: fan(properties, 'finished'),
    };
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  violate(property: string, message: string): void {
    this.#violation ??= { property, message, atMs: this.#time.nowMs };
  }

  /** A member's process threw where nothing should: also a member that does not keep running. */
  failed(member: MemberId, error: unknown): void {
    this.hooks.stopped(member, error instanceof Error ? error : new Error(String(error)));
  }
}

/** One function that calls the hook of all properties that have it. */
function fan<Name extends keyof Property>(
  properties: readonly Property[],
  name: Name,
): Required<Property>[Name] {
  type Hook = (...args: readonly unknown[]) => void;
  const hooks = properties.flatMap((property) => {
    const hook = property[name];
    return hook === undefined ? [] : [hook as Hook];
  });
  const call: Hook = (...args) => {
    for (const hook of hooks) hook(...args);
  };
  return call as Required<Property>[Name];
}
