/** How a call ended; in this order it is shown above others where there is no room for all. */
export const OUTCOMES = ['ok', 'fail', 'unknown'] as const;

export type Role = 'leader' | 'candidate' | 'follower' | 'learner' | 'silent';

/** Stands for what there is none of: the member that answered, the answer, the return. */
export const NONE = -1;

/**
 * What a report's script is given, as JSON. Operations are columns of equal length, in the order of their
 * calls. Times are microseconds since the history began.
 */
export interface ReportData {
  /** The whole test. */
  readonly lengthUs: number;
  /** In the order of their names. */
  readonly processes: readonly string[];
  readonly kinds: readonly string[];
  /** Inputs and answers, as JSON, perhaps cut short. */
  readonly texts: readonly string[];
  readonly operations: OperationColumns;
  readonly faults: readonly FaultData[];
  readonly findings: readonly FindingData[];
  readonly orders: readonly OrderData[];
  readonly members: readonly MemberData[];
}

export interface OperationColumns {
  /** Its index in the history; each as the difference from the one before. */
  readonly call: readonly number[];
  /** Each as the difference from the one before. */
  readonly invokedUs: readonly number[];
  /** From call to return; NONE: no return is in the history. */
  readonly tookUs: readonly number[];
  readonly process: readonly number[];
  readonly kind: readonly number[];
  /** A place in OUTCOMES. */
  readonly outcome: readonly number[];
  /** Places in `texts`. What there is no answer to is NONE; an error is an answer here. */
  readonly input: readonly number[];
  readonly answer: readonly number[];
  /** A member's id. */
  readonly member: readonly number[];
}

export interface FaultData {
  readonly kind: string;
  /** What was done to whom. */
  readonly text: string;
  readonly fromUs: number;
  readonly toUs: number;
}

export interface FindingData {
  readonly checker: string;
  /** Places of operations. */
  readonly operations: readonly number[];
}

/** In which order operations can have taken effect. */
export interface OrderData {
  readonly name: string;
  /** Places of operations. */
  readonly operations: readonly number[];
}

export interface MemberData {
  readonly id: number;
  readonly name: string;
  /** One after the other; between them nothing is known. */
  readonly roles: readonly RoleSpan[];
}

export interface RoleSpan {
  readonly role: Role;
  readonly fromUs: number;
  readonly toUs: number;
}
