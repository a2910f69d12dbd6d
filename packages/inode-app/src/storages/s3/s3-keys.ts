import { bytesOfText, textOfBytes } from '../byte-text.js';
import { nameFault, pathFormFault } from '../storage-path.js';

const MAX_KEY_BYTES = 1024;

/** What XML can't carry, in which requests and answers are written. */
const NO_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** Why there can't be a key for a path below a prefix, in words. */
export function keyFault(prefix: string, path: string): string | undefined {
  const fault = pathFormFault(path) ?? characterFault(path);
  if (fault !== undefined) return fault;
  // A directory has a / behind it.
  const bytes = Buffer.byteLength(`${prefix}${path}/`);
  return bytes > MAX_KEY_BYTES ? `its key has more than ${MAX_KEY_BYTES} bytes` : undefined;
}

/** Why no entry can be of this name, as it stands in a key. */
export function keyNameFault(name: string): string | undefined {
  return nameFault(name) ?? characterFault(name);
}

/** Why a text can't be in a key, in words. */
export function characterFault(text: string): string | undefined {
  if (!text.isWellFormed()) return 'it is not Unicode';
  return NO_XML.test(text) ? 'it has a control character that XML can not carry' : undefined;
}

/** A key as a listing has it that was asked to encode keys; bytes that are no UTF-8 as `textOfBytes` gives them. */
export function decodeListedKey(encoded: string): string {
  if (!/[%+]/.test(encoded)) return encoded;
  const spaced = encoded.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return textOfBytes(decodeBytes(spaced));
  }
}

function decodeBytes(encoded: string): Buffer {
  const parts = encoded.split(/(%[0-9a-f]{2})/i);
  return Buffer.concat(
    parts.map((part) =>
      /^%[0-9a-f]{2}$/i.test(part)
        ? Buffer.from(part.slice(1), 'hex')
        : (bytesOfText(part) ?? Buffer.alloc(0)),
    ),
  );
}

/** Where a copy is taken from, as the header has it: nobody else encodes it. */
export function copySource(bucket: string, key: string): string {
  const names = key.split('/').map((name) =>
    // What encodeURIComponent leaves, and a signature does not.
    encodeURIComponent(name).replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
  );
  return `${bucket}/${names.join('/')}`;
}

/** The order in which S3 lists: that of their bytes, which is not that of strings here. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
