import { JepsenError } from '../errors.js';
import type { CallInput } from '../histories/history-event.js';
import { HoldStack } from './holds/hold.js';
import type { NemesisContext, Strike } from './nemesis.js';

/** Strikes: what was done before a failure is undone, and the failure goes on to the caller. */
export async function striking(
  context: NemesisContext,
  act: (holding: HoldStack) => Promise<CallInput>,
): Promise<Strike> {
  const holding = new HoldStack();
  try {
    context.signal.throwIfAborted();
    const input = await act(holding);
    context.signal.throwIfAborted();
    if (strikesNobody(input)) {
      throw new JepsenError(
        'NEMESIS_UNAVAILABLE',
        'nothing that it would strike is there just now',
      );
    }
    return { input, heal: () => holding.release() };
  } catch (failure) {
    await holding.release();
    throw failure;
  }
}

/** It names those whom it struck, and they are none: it counts for no strike. */
function strikesNobody({ members }: CallInput): boolean {
  return Array.isArray(members) && members.length === 0;
}
