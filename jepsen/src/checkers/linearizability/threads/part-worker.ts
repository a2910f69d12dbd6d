// The program of a thread that checks parts of histories, one after the other.
import { parentPort, workerData } from 'node:worker_threads';
import { checkPart } from '../check-part.js';
import type { Model } from '../model.js';
import type { ModelSource, PartRequest } from './messages.js';

const { module, name }: ModelSource = workerData;
const exported: Readonly<Record<string, unknown>> = await import(module);
const model = exported[name];
if (!isModel(model)) throw new Error(`${module} exports no model ${name}`);

parentPort?.on('message', ({ operations, limits }: PartRequest) => {
  const slices = checkPart(model, operations, limits, () => performance.now());
  for (;;) {
    const { done, value } = slices.next();
    if (done !== true) continue;
    parentPort?.postMessage(value);
    return;
  }
});

function isModel(value: unknown): value is Model<unknown, unknown, unknown> {
  return typeof value === 'object' && value !== null && 'step' in value && 'init' in value;
}
