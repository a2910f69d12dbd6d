import { wireArray, wireNumber, wireText } from '../wire-fields.js';

/** How it is with the storage of a mount, as the leader has found it. */
export interface MountCondition {
  /** 'untried': it has not answered this leader yet; 'reachable'; 'unreachable'. */
  readonly state: string;
  /** Milliseconds since it answered last; undefined: it has not. */
  readonly answeredMsAgo: number | undefined;
  /** Milliseconds since a look into it ended well; undefined: none has. */
  readonly syncedMsAgo: number | undefined;
  /** What went wrong last, in one line. */
  readonly lastError: string | undefined;
  readonly callsUnderWay: number;
  readonly callsWaiting: number;
  /** What takes long, a line each. */
  readonly underWay: readonly string[];
  /** What a look found and no tree can hold, by name and reason; the last ones. */
  readonly skipped: readonly string[];
}

export type WireCondition = ReturnType<typeof encodeCondition>;

export function encodeCondition(condition: MountCondition) {
  const { state, answeredMsAgo, syncedMsAgo, lastError, callsUnderWay, callsWaiting } = condition;
  const { underWay, skipped } = condition;
  return [
    state,
    answeredMsAgo ?? null,
    syncedMsAgo ?? null,
    lastError ?? null,
    callsUnderWay,
    callsWaiting,
    underWay,
    skipped,
  ] as const;
}

/** Throws WireError. */
export function parseCondition(value: unknown): MountCondition {
  const fields = wireArray(value, 8, 8, 'a condition');
  return {
    state: wireText(fields[0], 'state'),
    answeredMsAgo: fields[1] === null ? undefined : wireNumber(fields[1], 'answeredMsAgo'),
    syncedMsAgo: fields[2] === null ? undefined : wireNumber(fields[2], 'syncedMsAgo'),
    lastError: fields[3] === null ? undefined : wireText(fields[3], 'lastError'),
    callsUnderWay: wireNumber(fields[4], 'callsUnderWay'),
    callsWaiting: wireNumber(fields[5], 'callsWaiting'),
    underWay: wireTexts(fields[6], 'underWay'),
    skipped: wireTexts(fields[7], 'skipped'),
  };
}

function wireTexts(value: unknown, what: string): readonly string[] {
  return wireArray(value, 0, Number.MAX_SAFE_INTEGER, what).map((each) => wireText(each, what));
}
