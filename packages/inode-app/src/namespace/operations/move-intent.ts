import { WHOLE } from '../message-form.js';
import { failure } from '../tree/failure.js';
import { defineOperation } from './operation.js';
import { rename } from './rename.js';

/**
 * All that a rename by copying moves is at its destination: the tree follows in this step, so that nobody sees it at
 * both places or at neither. What is left of the originals goes after that, and the intent with it.
 */
export const moveIntent = defineOperation(
  'moveIntent',
  14,
  { intent: WHOLE, epoch: WHOLE },
  {
    paths: () => [],
    apply(store, { intent: id, epoch }, timeMs) {
      const { mounts } = store;
      const intent = mounts.intents.get(id);
      if (intent === undefined || intent.kind !== 'rename') return 0;
      const { path, destination } = intent;
      if (epoch !== mounts.epoch) return failure('STEP_OVERTAKEN', path);
      if (intent.moved) return id;
      const result = rename.apply(store, { kind: 'rename', source: path, destination }, timeMs);
      if (typeof result === 'number') mounts.move(intent);
      else mounts.end(intent, result);
      return result;
    },
  },
);
