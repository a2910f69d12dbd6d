export {
  type Outcome,
  StateMachineError,
  type StateMachineErrorCode,
  type StateMachineErrorOptions,
} from './errors.js';
export type {
  ApplyContext,
  DurableStateMachine,
  FrameworkRow,
  WireValue,
} from './state-machine.js';
