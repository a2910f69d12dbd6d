import fc from 'fast-check';
import { type Entry, EntryType } from '../core/log/entry.js';
import type { Message } from '../core/message.js';

/** Who sends, and who receives. */
export const FROM = 7;
export const TO = 0xffff_ffff;

const head = { from: FROM, to: TO } as const;
const whole = fc.oneof(fc.nat(300), fc.maxSafeNat());
const positive = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.maxSafeNat().map((n) => n || 1),
);
const flag = fc.boolean();
const peers = fc.array(
  fc.record({ member: fc.integer({ min: 1, max: 0xffff_ffff }), address: fc.string() }),
  { maxLength: 5 },
);

const append = fc
  .record({
    prevIndex: fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 50 })),
    heard: flag,
    commit: whole,
    terms: fc.array(fc.oneof(fc.nat(5), fc.nat()), { minLength: 1, maxLength: 8 }),
    payloads: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
    type: fc.constantFrom(...Object.values(EntryType)),
  })
  .map(({ heard, prevIndex, commit, terms, payloads, type }): Message => {
    const ascending = terms.map((term) => term + 1).sort((a, b) => a - b);
    const last = ascending.at(-1) ?? 1;
    const entries = payloads.map(
      (data, i): Entry => ({
        index: prevIndex + 1 + i,
        term: ascending[i] ?? last,
        type,
        data: Buffer.from(data),
      }),
    );
    const prevTerm = (ascending[0] ?? 1) - 1;
    return { type: 'append', ...head, term: last, heard, prevIndex, prevTerm, commit, entries };
  });

/** Any message that a member could send. */
export const arbitraryMessage: fc.Arbitrary<Message> = fc.oneof(
  append,
  fc.record({
    type: fc.constant('vote'),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    term: whole,
    heard: flag,
    preVote: flag,
    transfer: flag,
    lastIndex: whole,
    lastTerm: whole,
    commit: whole,
    commitTerm: whole,
  }),
  fc.record({
    type: fc.constant('vote-response'),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    term: whole,
    preVote: flag,
    granted: flag,
    commit: whole,
    commitTerm: whole,
  }),
  fc.record({
    type: fc.constant('append-response'),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    term: whole,
    index: whole,
    rejected: flag,
    hintIndex: whole,
    hintTerm: whole,
    recovery: whole,
  }),
  fc.record({
    type: fc.constant('heartbeat'),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    term: whole,
    heard: flag,
    commit: whole,
    commitTerm: whole,
    round: whole,
    heldByAll: whole,
  }),
  fc.record({
    type: fc.constant('heartbeat-response'),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    term: whole,
    round: whole,
    recovery: whole,
    priority: whole,
    commit: whole,
    commitTerm: whole,
  }),
  fc.tuple(positive, positive, positive, peers).map(([index, a, b, peers]): Message => {
    const [indexTerm, term] = a < b ? [a, b] : [b, a];
    const heard = index % 2 === 0;
    return { type: 'snapshot-offer', ...head, term, heard, index, indexTerm, peers };
  }),
  fc.record({
    type: fc.constant('snapshot-failed'),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    term: whole,
    index: whole,
  }),
  fc.record({
    type: fc.constant('timeout-now'),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    term: whole,
  }),
  fc.record({
    type: fc.constant('read-index'),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    term: whole,
    context: whole,
  }),
  fc.record({
    type: fc.constant('read-index-response'),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    term: whole,
    context: whole,
    index: whole,
  }),
  fc.record({
    type: fc.constant('recovered'),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    term: whole,
    recovery: positive,
  }),
);
