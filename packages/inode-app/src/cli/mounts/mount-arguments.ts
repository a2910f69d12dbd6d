import { displayMessage } from '../../display-names.js';
import { argumentInvalid } from '../../errors.js';
import {
  MAX_SYNC_INTERVAL_MS,
  type MountOptions,
  NEVER_AGAIN,
} from '../../namespace/mounts/mount.js';
import { OPTIONS } from '../../namespace/mounts/mount-fields.js';
import { argumentInteger } from '../arguments.js';

/** `--sync-interval`, `--sync`: milliseconds, 0 (look each time) or -1 (never again). */
export function argumentSyncInterval(text: string): number {
  if (text === `${NEVER_AGAIN}`) return NEVER_AGAIN;
  const what = 'interval of -1 (never again), 0 (each time) or milliseconds';
  return argumentInteger(text, what, 0, MAX_SYNC_INTERVAL_MS);
}

/** Each `--option NAME=VALUE`. */
export function argumentOptions(texts: readonly string[]): MountOptions {
  const options = new Map<string, string>();
  for (const text of texts) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw argumentInvalid(`"${displayMessage(text)}" is no option: write NAME=VALUE`);
    }
    if (options.has(name)) {
      throw argumentInvalid(`the option ${displayMessage(name)} is given twice`);
    }
    options.set(name, value);
  }
  return OPTIONS.fromText(Object.fromEntries(options), 'options');
}

/** Gathers what an option is given again and again. */
export function gathered(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
