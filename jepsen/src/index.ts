export type { Explanation } from './checkers/linearizability/explanation.js';
export type { LinearizabilityLimits } from './checkers/linearizability/limits.js';
export type { Model } from './checkers/linearizability/model.js';
export { appendOnlyList } from './checkers/linearizability/models/append-only-list.js';
export {
  type KeyValueInput,
  type KeyValueOutput,
  keyValue,
} from './checkers/linearizability/models/key-value.js';
export type {
  ListHash,
  ListInput,
  ListOutput,
} from './checkers/linearizability/models/list-operation.js';
export {
  type RegisterInput,
  type RegisterOutput,
  type RegisterValue,
  register,
} from './checkers/linearizability/models/register.js';
export type {
  LinearizabilityResult,
  LinearizabilityStatistics,
  UnknownReason,
} from './checkers/linearizability/result.js';
export {
  checkLinearizability,
  checkLinearizabilityInSlices,
  type InterruptibleOptions,
  type LinearizabilityOptions,
} from './checkers/linearizability/run.js';
export { JepsenError, type JepsenErrorCode } from './errors.js';
export { HistoryRecorder, type OpenCall } from './histories/history-recorder.js';
export type {
  DoneOperation,
  EffectiveOperation,
  FailedOperation,
  Operation,
  ProcessId,
  UnknownOperation,
} from './histories/operation.js';
export { readKeyValueLog } from './logs/key-value-log.js';
export { readRegisterLog } from './logs/register-log.js';
