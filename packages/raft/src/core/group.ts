/** The only Raft group there is, of 2^32; stands in keys of log rows, in marks and in frames. */
export const GROUP = 0;
