import { JepsenError } from '../../errors.js';
import type { MemberDisks } from './member-disk.js';

const REASON = 'members lie in plain directories: choose disks of another kind';

/** Plain directories: no faults of their own. */
export class DirectoryDisks implements MemberDisks {
  readonly kind = 'directories';
  readonly unavailable = { fill: REASON, cutPower: REASON };

  fill(): Promise<void> {
    return Promise.reject(new JepsenError('NEMESIS_UNAVAILABLE', REASON));
  }

  async free(): Promise<void> {}

  losePower(): Promise<void> {
    return Promise.reject(new JepsenError('NEMESIS_UNAVAILABLE', REASON));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
