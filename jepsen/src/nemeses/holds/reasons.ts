/** Something that several want of a member, each with a value of its own. It holds as long as anyone wants it. */
export class Reasons<Value> {
  readonly #wanted = new Map<number, Set<{ readonly value: Value }>>();

  /** The result takes it back; further calls of it do nothing and return false. */
  add(member: number, value: Value): () => boolean {
    const reasons = this.#wanted.get(member) ?? new Set();
    this.#wanted.set(member, reasons);
    const reason = { value };
    reasons.add(reason);
    return () => reasons.delete(reason);
  }

  has(member: number): boolean {
    return (this.#wanted.get(member)?.size ?? 0) > 0;
  }

  /** In the order in which they came. */
  of(member: number): readonly Value[] {
    return [...(this.#wanted.get(member) ?? [])].map(({ value }) => value);
  }

  /** All take back what they want. */
  clear(member: number): void {
    this.#wanted.get(member)?.clear();
  }
}
