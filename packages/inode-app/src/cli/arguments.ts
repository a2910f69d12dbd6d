import { displayBytes, displayMessage, parseEscaped } from '../display-names.js';
import { argumentInvalid, InodeAppError, refusalText } from '../errors.js';
import { LEAST_MEMORY_BYTES } from '../master/memory-limits.js';
import { MAX_PRINCIPAL_BYTES } from '../namespace/limits.js';
import type { NewAttributes } from '../namespace/tree/attributes.js';
import {
  type ByteString,
  byteString,
  byteStringFromText,
  NO_BYTES,
  sliceBytes,
} from '../namespace/tree/byte-string.js';
import { pathFault } from '../namespace/tree/path.js';

const MAX_TIMEOUT_SECONDS = 3600;
const MAX_PORT = 65_535;

const MEBIBYTE = 1024 * 1024;
const MAX_MEMORY_MEBIBYTES = 1024 * 1024;
const MAX_LOG_LIMIT_MEBIBYTES = 1024 * 1024;
/** A second. */
const MAX_SNAPSHOT_RATE_MEBIBYTES = 1024 * 1024;

/** What stands in `process.argv` for bytes that are no UTF-8: which ones, nobody can tell. */
const REPLACEMENT_CHARACTER = '\ufffd';

/** `--memory`: mebibytes, as bytes. */
export function argumentMemory(text: string): number {
  const least = LEAST_MEMORY_BYTES / MEBIBYTE;
  return argumentInteger(text, '--memory', least, MAX_MEMORY_MEBIBYTES) * MEBIBYTE;
}

/** `--log-limit`: mebibytes, as bytes. */
export function argumentLogLimit(text: string): number {
  return argumentInteger(text, '--log-limit', 1, MAX_LOG_LIMIT_MEBIBYTES) * MEBIBYTE;
}

/** `--snapshot-rate`: mebibytes a second, as bytes. */
export function argumentSnapshotRate(text: string): number {
  return argumentInteger(text, '--snapshot-rate', 1, MAX_SNAPSHOT_RATE_MEBIBYTES) * MEBIBYTE;
}

/** The bytes of an argument: as typed, or in the notation of the output with `--escaped`. */
export function argumentBytes(text: string, escaped: boolean): ByteString {
  if (text.includes(REPLACEMENT_CHARACTER)) {
    throw argumentInvalid(
      `"${displayMessage(text)}": bytes that are no UTF-8, and the character U+FFFD, are typed as ` +
        '\\xHH, with --escaped',
    );
  }
  const bytes = escaped ? parseEscaped(text) : byteStringFromText(text);
  if (bytes !== undefined) return bytes;
  throw argumentInvalid(
    escaped
      ? `${displayMessage(text)}: a backslash begins \\\\, \\a, \\b, \\t, \\n, \\v, \\f, \\r or \\xHH`
      : `${displayMessage(text)}: holds NUL or no valid text`,
  );
}

/** A path of the tree. Doubled slashes and one at the end are taken as the shell's tab key means. */
export function argumentPath(text: string, escaped: boolean): ByteString {
  const bytes = argumentBytes(text, escaped);
  const path = byteString(bytes.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, ''));
  const fault = pathFault(path);
  if (fault === undefined) return path;
  const shown = displayBytes(bytes);
  throw new InodeAppError(fault, `"${shown}": ${refusalText(fault)}`, { path: shown });
}

/** Whether the bytes of a path say with a slash at their end that a directory is meant. */
export function namesDirectory(bytes: ByteString): boolean {
  return bytes.endsWith('/');
}

/** Permission bits in octal. */
export function argumentMode(text: string): number {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
  throw argumentInvalid(`"${displayMessage(text)}" is no mode: write it in octal, from 0 to 7777`);
}

/** `OWNER`, `OWNER:GROUP` or `:GROUP`. */
export function argumentOwner(text: string, escaped: boolean): NewAttributes {
  const bytes = argumentBytes(text, escaped);
  const colon = bytes.indexOf(':');
  const owner = colon < 0 ? bytes : sliceBytes(bytes, 0, colon);
  const group = colon < 0 ? NO_BYTES : sliceBytes(bytes, colon + 1);
  if (owner === '' && group === '') {
    throw argumentInvalid(
      `"${displayMessage(text)}" names nobody: write OWNER, OWNER:GROUP or :GROUP`,
    );
  }
  if (owner.length > MAX_PRINCIPAL_BYTES || group.length > MAX_PRINCIPAL_BYTES) {
    throw argumentInvalid(`an owner or group has at most ${MAX_PRINCIPAL_BYTES} bytes`);
  }
  return { ...(owner === '' ? {} : { owner }), ...(group === '' ? {} : { group }) };
}

/** What an option is given, which must not be empty. */
export function argumentText(text: string, option: string): string {
  if (text !== '') return text;
  throw argumentInvalid(`${option} must not be empty`);
}

/** Seconds, fractions too; as milliseconds. */
export function argumentTimeout(text: string): number {
  const seconds = /^[0-9]{1,4}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS) return Math.round(seconds * 1000);
  throw argumentInvalid(
    `"${displayMessage(text)}" is no time: write seconds, above 0 and at most ${MAX_TIMEOUT_SECONDS}`,
  );
}

/** A whole number from `least` to `most`. */
export function argumentInteger(text: string, what: string, least: number, most: number): number {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most && Number.isSafeInteger(value)) return value;
  throw argumentInvalid(
    `"${displayMessage(text)}" is no ${what}: write a whole number from ${least} to ${most}`,
  );
}

/** The first of `count` ports in a row. */
export function argumentPort(text: string, count: number): number {
  return argumentInteger(text, 'port', 1, MAX_PORT - count + 1);
}
