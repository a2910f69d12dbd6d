import { failure } from '../../namespace/tree/failure.js';
import { parentPath } from '../../namespace/tree/path.js';
import { type CarriedOut, type CarryingOut, DONE } from './carrying-out.js';

/** Nothing may be there, and its directory has to be: whoever writes the content makes the file. */
export async function createFile(work: CarryingOut): Promise<CarriedOut> {
  const { path } = work.intent;
  if ((await work.stat(path)) !== undefined) return { refusal: failure('ALREADY_EXISTS', path) };
  const directory = await work.stat(parentPath(path));
  if (directory === undefined) return { refusal: failure('NOT_FOUND', parentPath(path)) };
  if (directory.type === 'directory') return DONE;
  return { refusal: failure('NOT_A_DIRECTORY', parentPath(path)) };
}
