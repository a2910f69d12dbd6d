import type { EffectiveOperation } from '../../../histories/operation.js';
import type { PartLimits } from '../part-result.js';

/** Where a thread finds a model: functions can't be sent to it. */
export interface ModelSource {
  /** The URL of a module. */
  readonly module: string;
  /** The name of its export that is the model. */
  readonly name: string;
}

/** What a thread is asked: each is answered with a PartResult. */
export interface PartRequest {
  readonly operations: readonly EffectiveOperation<unknown, unknown>[];
  readonly limits: PartLimits;
}
