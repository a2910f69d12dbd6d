import {
  callback,
  nested,
  type OptionsForm,
  optional,
  wholeNumber,
  withMethods,
  yesOrNo,
} from '@raft-ts/net/options';
import { memberId, type RaftOptions, raftOptionsForm } from './options.js';
import type { StateParts } from './state.js';

/** What a member starts from. */
export interface RaftStart extends Omit<StateParts, 'options'> {
  readonly options?: Partial<RaftOptions>;
  /**
   * Nothing is known of an earlier life of this member, but there may have been one: it takes part
   * only once a leader has brought it up to date. Ignored when the log is not empty.
   */
  readonly joining?: boolean;
}

export const raftStartForm: OptionsForm<RaftStart, object> = {
  fields: {
    id: memberId,
    options: optional(nested(raftOptionsForm)),
    random: callback(),
    log: withMethods(),
    applied: wholeNumber(0),
    joining: optional(yesOrNo),
  },
  defaults: {},
};
