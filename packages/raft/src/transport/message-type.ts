import type { Message } from '../core/message.js';

/** What a message is called on the wire. A number is never given to another type. */
export const MessageType = {
  vote: 1,
  'vote-response': 2,
  append: 3,
  'append-response': 4,
  heartbeat: 5,
  'heartbeat-response': 6,
  'snapshot-offer': 7,
  'snapshot-failed': 8,
  'timeout-now': 9,
  'read-index': 10,
  'read-index-response': 11,
  recovered: 12,
} as const satisfies Record<Message['type'], number>;
