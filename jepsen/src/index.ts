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
export type {
  ActedOnCluster,
  Database,
  MemberRole,
  OperatorAction,
  ProcessCommand,
} from './cluster/database.js';
export type { MemberPlace } from './cluster/member.js';
export { JepsenError, type JepsenErrorCode } from './errors.js';
export type { CallInput } from './histories/history-event.js';
export { HistoryRecorder, type OpenCall } from './histories/history-recorder.js';
export type { Json } from './histories/json.js';
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
export { Random } from './random.js';
export type { ClientPlace, Suite } from './suites/suite.js';
export {
  type Client,
  type ClientAnswer,
  type ClientCallOptions,
  DefiniteFailure,
  type Generator,
  type Workload,
  type WorkloadOptions,
} from './workloads/workload.js';
