import { access } from 'node:fs/promises';

/** Where Debian, Fedora and Alpine put it. */
const PLACES = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib64/faketime/libfaketime.so.1',
  '/usr/lib/faketime/libfaketime.so.1',
];

/** The library that stands between a process and its clocks; undefined where it is not installed. */
export async function findFaketime(): Promise<string | undefined> {
  for (const place of PLACES) {
    const isThere = await access(place).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
  }
  return undefined;
}

/**
 * What a process is started with so that `file` says how its clocks go, whenever it changes.
 * @param monotonic whether the clock that never runs back goes with the file too
 */
export function faketimeEnvironment(
  library: string,
  file: string,
  monotonic: boolean,
): Readonly<Record<string, string>> {
  const spare = monotonic ? '0' : '1';
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    // Releases before 0.9.8 know the second name only.
    FAKETIME_DONT_FAKE_MONOTONIC: spare,
    DONT_FAKE_MONOTONIC: spare,
  };
}

/** The content of the file: so far from the right time, and so fast from the start of the process on. */
export function faketimeSetting(offsetMs: number, rate = 1): string {
  const sign = offsetMs < 0 ? '-' : '+';
  return `${sign}${(Math.abs(offsetMs) / 1000).toFixed(3)}${rate === 1 ? '' : ` x${rate.toFixed(3)}`}\n`;
}
