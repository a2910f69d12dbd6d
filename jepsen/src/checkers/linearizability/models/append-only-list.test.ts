import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../histories/operation.js';
import { checkLinearizability } from '../run.js';
import { appendOnlyList } from './append-only-list.js';
import type { ListHash, ListInput, ListOutput } from './list-operation.js';

/** Readable: the digits of a list's values. */
const DIGITS: ListHash = { empty: 0, extend: (hash, value) => 10 * hash + Number(value) };
/** Equal for lists with the same values in another order. */
const SUM: ListHash = { empty: 0, extend: (hash, value) => hash + Number(value) };

type ListOperation = Operation<ListInput, ListOutput>;

/** One process, one call after the other, but for those of unknown outcome. */
class ListHistory {
  readonly operations: ListOperation[] = [];

  append(value: number, length: number): this {
    return this.#add({ kind: 'append', value: `${value}` }, { length });
  }

  lost(value: number): this {
    return this.#add({ kind: 'append', value: `${value}` }, undefined);
  }

  read(length: number, hash?: number): this {
    return this.#add({ kind: 'read' }, hash === undefined ? { length } : { length, hash });
  }

  #add(input: ListInput, output: ListOutput | undefined): this {
    const invokedAt = 2 * this.operations.length;
    const invoked = { process: 1, input, invokedAt };
    this.operations.push(
      output === undefined
        ? { ...invoked, outcome: 'unknown' }
        : { ...invoked, outcome: 'done', output, returnedAt: invokedAt + 1 },
    );
    return this;
  }

  verdict(hash?: ListHash): string {
    return checkLinearizability(appendOnlyList(hash), this.operations).verdict;
  }
}

const history = () => new ListHistory();

describe('appendOnlyList', () => {
  it('knows lengths', () => {
    expect(history().append(1, 1).read(1).append(2, 2).read(2).verdict()).toBe('ok');
    expect(history().append(1, 1).read(0).verdict()).toBe('illegal');
    expect(history().append(1, 1).append(2, 1).verdict()).toBe('illegal');
    expect(history().append(1, 2).verdict()).toBe('illegal');
  });

  it('has an append of unknown outcome fill a gap, once', () => {
    expect(history().lost(1).append(2, 2).verdict()).toBe('ok');
    expect(history().lost(1).append(2, 3).verdict()).toBe('illegal');
    expect(history().append(2, 2).lost(1).verdict()).toBe('illegal');
    expect(history().lost(1).append(2, 1).read(1).append(3, 3).read(3).verdict()).toBe('ok');
  });

  it('compares the hashes of lists of one length', () => {
    expect(history().append(1, 1).read(1, 77).read(1, 77).verdict()).toBe('ok');
    expect(history().append(1, 1).read(1, 77).read(1, 78).verdict()).toBe('illegal');
  });

  it('computes hashes where it is told how', () => {
    expect(history().append(1, 1).append(2, 2).read(2, 12).verdict(DIGITS)).toBe('ok');
    expect(history().append(1, 1).append(2, 2).read(2, 21).verdict(DIGITS)).toBe('illegal');
    expect(history().append(1, 1).append(2, 2).read(2, 21).verdict()).toBe('ok');
  });

  it('finds out by the hash which append filled a gap', () => {
    const gaps = () => history().lost(1).lost(2).lost(3).append(4, 3);
    expect(gaps().read(3, 214).verdict(DIGITS)).toBe('ok');
    expect(gaps().read(3, 314).verdict(DIGITS)).toBe('ok');
    expect(gaps().read(3, 224).verdict(DIGITS)).toBe('illegal');
    expect(gaps().read(3, 594).verdict(DIGITS)).toBe('illegal');
    expect(gaps().read(3, 214).append(5, 5).read(5, 21435).verdict(DIGITS)).toBe('ok');
    expect(gaps().read(3, 214).append(5, 5).read(5, 21415).verdict(DIGITS)).toBe('illegal');
  });

  it('does not take the append for one that was called after the read', () => {
    expect(history().lost(1).append(4, 2).read(2, 24).lost(2).verdict(DIGITS)).toBe('illegal');
  });

  it('decides nothing by a hash that several appends can explain', () => {
    const ambiguous = history()
      .lost(1)
      .lost(2)
      .lost(3)
      .append(4, 3)
      .read(3, 3 + 4);
    expect(
      ambiguous
        .append(5, 5)
        .read(5, 3 + 4 + 3 + 5)
        .verdict(SUM),
    ).toBe('ok');
    const either = history()
      .lost(1)
      .lost(2)
      .lost(3)
      .append(9, 3)
      .read(3, 4 + 9);
    expect(either.verdict(SUM)).toBe('ok');
  });

  it('leaves gaps alone that have too many explanations to try', () => {
    const many = history();
    for (let value = 100; value < 300; value++) many.lost(value);
    many.append(1, 6).read(6, 5).append(2, 7);
    expect(many.read(7, 52).verdict(DIGITS)).toBe('ok');
    expect(many.read(7, 53).verdict(DIGITS)).toBe('illegal');
  });

  it('says which hash a list has', () => {
    const { operations } = history().append(1, 1).append(2, 2).read(1, 5);
    const result = checkLinearizability(appendOnlyList(DIGITS), operations);
    expect(result.verdict === 'illegal' && result.explanation.lines).toContain(
      'Then the list has 2 values and the hash 12.',
    );
  });

  it('refuses what is no history of such a list', () => {
    for (const wrong of [history().lost(1).lost(1), history().read(-1), history().read(0.5)]) {
      expect(() => wrong.verdict()).toThrow(
        expect.objectContaining({ name: 'JepsenError', code: 'HISTORY_INVALID' }),
      );
    }
  });
});
