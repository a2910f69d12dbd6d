import { bytesOfText, textOfBytes } from '../byte-text.js';
import type { ParsedPlace, StorageDriver, StorageOptions } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { countOption, refuseUnknownOptions } from '../storage-options.js';
import { pathFormFault } from '../storage-path.js';
import { LocalStorage, type LocalStorageOptions } from './local-storage.js';

const DEFAULT_PARALLEL = 2;
const MAX_PARALLEL = 64;

/**
 * Opens `file:///directory`, percent-encoded where it needs be. The option `parallel` is how many calls are under way at a time,
 * 1 to 64, 2 where it is not given (see `LocalStorage`). Takes no credentials.
 */
export const localDriver: StorageDriver = {
  scheme: 'file',

  parse(uri: string, options: StorageOptions): ParsedPlace {
    const { root } = understand(uri, options);
    const encoded = encodePath(root);
    return { uri: `file://${encoded === '' ? '/' : encoded}`, place: `file://${root}` };
  },

  async open(uri, options, credentials) {
    const place = understand(uri, options);
    if (credentials !== undefined) {
      throw new StorageError('INVALID', 'file: takes no credentials: mount it without a profile');
    }
    return new LocalStorage(place);
  },
};

function understand(uri: string, options: StorageOptions): LocalStorageOptions {
  refuseUnknownOptions(options, ['parallel']);
  const parallel = countOption(options, 'parallel', MAX_PARALLEL) ?? DEFAULT_PARALLEL;
  if (!uri.startsWith('file:///')) {
    throw new StorageError('INVALID', 'Give a directory as file:///path, without a host or a user');
  }
  const names = decodePath(uri.slice('file://'.length))
    .split('/')
    .filter((name) => name !== '');
  const fault = pathFormFault(names.join('/'));
  if (fault !== undefined) throw new StorageError('INVALID', `No directory: ${fault}`);
  return { root: names.map((name) => `/${name}`).join(''), parallel };
}

/** Percent-encoded bytes, and whatever else is there as it is. */
function decodePath(path: string): string {
  if (/[?#]|%(?![0-9a-f]{2})/i.test(path)) {
    throw new StorageError('INVALID', 'In file: give ? as %3F, # as %23, and % as %25');
  }
  const parts = path.split(/(%[0-9a-f]{2})/i).map((part) => {
    if (part.startsWith('%')) return Buffer.from(part.slice(1), 'hex');
    return bytesOfText(part) ?? Buffer.from(part);
  });
  return textOfBytes(Buffer.concat(parts));
}

function encodePath(path: string): string {
  let encoded = '';
  for (const byte of bytesOfText(path) ?? []) {
    const character = String.fromCharCode(byte);
    encoded += /[\w/.~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
