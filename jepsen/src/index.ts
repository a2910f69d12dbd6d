export {
  type AvailabilityLimits,
  availabilityChecker,
} from './checkers/availability/availability-checker.js';
export type { CheckContext, Checker, CheckResult, Finding, Verdict } from './checkers/checker.js';
export type { CounterInput, CounterOutput } from './checkers/counter/counter-calls.js';
export { counterChecker } from './checkers/counter/counter-checker.js';
export { errorCodeChecker } from './checkers/errors/error-code-checker.js';
export type { Explanation } from './checkers/linearizability/explanation.js';
export type { LinearizabilityLimits } from './checkers/linearizability/limits.js';
export {
  type LinearizabilityCheckerOptions,
  linearizability,
} from './checkers/linearizability/linearizability.js';
export {
  keyValueLinearizability,
  registerLinearizability,
} from './checkers/linearizability/linearizability-checkers.js';
export type { Model } from './checkers/linearizability/model.js';
export { appendOnlyList } from './checkers/linearizability/models/append-only-list.js';
export { inodeTree } from './checkers/linearizability/models/inode-tree.js';
export {
  type InodeTreeEntry,
  type InodeTreeInput,
  type InodeTreeOutput,
  type InodeTreeRefusal,
  type InodeTreeType,
  inodeTreeCalls,
} from './checkers/linearizability/models/inode-tree-calls.js';
export {
  type KeyValueInput,
  type KeyValueOutput,
  keyValue,
} from './checkers/linearizability/models/key-value.js';
export { keyValueCalls } from './checkers/linearizability/models/key-value-calls.js';
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
export { registerCalls } from './checkers/linearizability/models/register-calls.js';
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
export type { ModelSource } from './checkers/linearizability/threads/messages.js';
export type { AppendListInput, AppendListOutput } from './checkers/lists/list-calls.js';
export { appendListChecker } from './checkers/lists/list-checker.js';
export type { LockInput, LockOutput } from './checkers/lock/lock-calls.js';
export { lockChecker } from './checkers/lock/lock-checker.js';
export type { CompareMembersInput, CompareMembersOutput } from './checkers/members/member-calls.js';
export { membersChecker } from './checkers/members/members-checker.js';
export type { NameInput, NameOutput } from './checkers/names/name-calls.js';
export { nameChecker } from './checkers/names/name-checker.js';
export type { ReadConsistency } from './checkers/reads/consistency.js';
export { monotonicReadsChecker } from './checkers/reads/monotonic-reads-checker.js';
export { sessionOrderChecker } from './checkers/reads/session-order-checker.js';
export { staleReadsChecker } from './checkers/reads/stale-reads-checker.js';
export type { Element, SetInput, SetOutput } from './checkers/set/set-calls.js';
export { setChecker } from './checkers/set/set-checker.js';
export type {
  ActedOnCluster,
  Database,
  MemberRole,
  OperatorAction,
  ProcessCommand,
} from './cluster/database.js';
export type { MemberPlace } from './cluster/member.js';
export { JepsenError, type JepsenErrorCode } from './errors.js';
export { type Call, callsOf } from './histories/call.js';
export {
  HistoryWriter,
  type HistoryWriterOptions,
  type NewCall,
} from './histories/file/history-writer.js';
export { type ReadHistory, readHistory } from './histories/file/read-history.js';
export type { History, HistoryHeader } from './histories/history.js';
export {
  type CallError,
  type CallInput,
  type FailEvent,
  type HistoryEvent,
  type InfoEvent,
  type InvokeEvent,
  NEMESIS,
  type OkEvent,
} from './histories/history-event.js';
export { HistoryRecorder, type OpenCall } from './histories/history-recorder.js';
export type { Json, JsonObject } from './histories/json.js';
export type {
  DoneOperation,
  EffectiveOperation,
  FailedOperation,
  Operation,
  ProcessId,
  UnknownOperation,
} from './histories/operation.js';
export { type CallForm, operationsOf } from './histories/operations.js';
export { readEdnHistory } from './logs/edn-history.js';
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
