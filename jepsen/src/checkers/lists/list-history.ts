import { JepsenError } from '../../errors.js';
import type { Operation } from '../../histories/operation.js';
import { isLinearizable } from '../reads/consistency.js';
import type { Element } from '../set/set-calls.js';
import { shown } from '../violations.js';
import type { AppendListInput, AppendListOutput } from './list-calls.js';

/** An append. Moments are the indexes of events. */
export interface Append {
  readonly element: Element;
  readonly call: number;
  /** Infinity: it was never acknowledged. */
  readonly returnedAt: number;
  readonly hasFailed: boolean;
}

export interface ListRead {
  readonly call: number;
  readonly returnedAt: number;
  readonly elements: readonly Element[];
  readonly isLinearizable: boolean;
}

/** The calls of one list. */
export class ListHistory {
  readonly key: string | undefined;
  readonly appends = new Map<Element, Append>();
  /** In the order of their calls. */
  readonly reads: ListRead[] = [];

  /** @throws JepsenError HISTORY_INVALID */
  constructor(
    key: string | undefined,
    operations: readonly Operation<AppendListInput, AppendListOutput>[],
  ) {
    this.key = key;
    for (const operation of operations) this.#take(operation);
  }

  /** The longest list that was read: all others must be what it was before. */
  longest(): ListRead | undefined {
    let longest: ListRead | undefined;
    for (const read of this.reads) {
      if (longest === undefined || read.elements.length > longest.elements.length) longest = read;
    }
    return longest;
  }

  #take(operation: Operation<AppendListInput, AppendListOutput>): void {
    const { input, invokedAt: call } = operation;
    if (input.kind === 'append') {
      const { element } = input;
      if (this.appends.has(element)) throw appendedTwice(element);
      const returnedAt =
        operation.outcome === 'done' ? operation.returnedAt : Number.POSITIVE_INFINITY;
      const hasFailed = operation.outcome === 'failed';
      this.appends.set(element, { element, call, returnedAt, hasFailed });
    } else if (operation.outcome === 'done') {
      const { returnedAt, output } = operation;
      const elements = output ?? [];
      this.reads.push({ call, returnedAt, elements, isLinearizable: isLinearizable(input) });
    }
  }
}

function appendedTwice(element: Element): JepsenError {
  return new JepsenError(
    'HISTORY_INVALID',
    `element ${shown(element)} is appended by two calls: each is to be appended by one`,
  );
}
