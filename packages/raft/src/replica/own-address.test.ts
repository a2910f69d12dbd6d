import { expect, it } from 'vitest';
import type { Message } from '../core/message.js';
import { withOwnAddress } from './own-address.js';

const offer: Message = {
  type: 'snapshot-offer',
  from: 2,
  to: 1,
  term: 3,
  heard: true,
  index: 10,
  indexTerm: 2,
  peers: [
    { member: 1, address: 'one:1' },
    { member: 2, address: 'two:1' },
  ],
};
const response: Message = { type: 'snapshot-failed', from: 2, to: 1, term: 3, index: 10 };

it('an offer says where its sender is, though the membership does not know yet, and what that says', () => {
  expect(withOwnAddress([response, offer], 'elsewhere:1')).toEqual([
    response,
    { ...offer, peers: [{ member: 2, address: 'elsewhere:1' }, ...offer.peers] },
  ]);
});

it('an offer names its sender once where the membership says the same', () => {
  const [told] = withOwnAddress([offer], 'two:1');
  expect(told).toMatchObject({ peers: [{ member: 2 }, { member: 1 }] });
});

it('messages are as they were where no address was given', () => {
  expect(withOwnAddress([offer], undefined)).toEqual([offer]);
});
