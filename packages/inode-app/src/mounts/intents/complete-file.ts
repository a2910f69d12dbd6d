import { failure } from '../../namespace/tree/failure.js';
import { type CarriedOut, type CarryingOut, foundAt } from './carrying-out.js';

/** The content has to be there, as long as was said, and with the fingerprint that was said. */
export async function completeFile(work: CarryingOut): Promise<CarriedOut> {
  const { path, size, fingerprint } = work.intent;
  const there = await work.stat(path);
  const differs = (detail: string): CarriedOut => ({
    refusal: failure('CONTENT_DIFFERS', path, detail),
  });
  if (there === undefined) return differs('nothing is there');
  if (there.type !== 'file') return differs(`a ${there.type} is there`);
  if (there.size !== size) return differs(`${there.size} bytes are there, not ${size}`);
  if (fingerprint !== '' && there.fingerprint !== fingerprint) {
    return differs(`its fingerprint is ${there.fingerprint}, not ${fingerprint}`);
  }
  return foundAt(there, path);
}
