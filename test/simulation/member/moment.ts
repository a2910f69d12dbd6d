/**
 * When a fault does most: just elected; several writes being written at once; entries being
 * replaced; a snapshot about to be installed, with the log ready for it; a leader has entered a joint configuration, or left it; a
 * snapshot being made, sent, or received.
 */
export type Moment =
  | 'elected'
  | 'writing'
  | 'replacing'
  | 'installing'
  | 'joint'
  | 'joint-left'
  | 'making'
  | 'serving'
  | 'receiving';
