import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Cluster } from '../cluster/cluster.js';
import { pause } from './pause.js';

const EVERY_MS = 250;
const ASK_MS = 1_000;

/** Writes down who leads, and who follows, while the test runs; resolves once that is written after the signal. */
export async function watchRoles(
  cluster: Cluster,
  file: string,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<void> {
  const stream = createWriteStream(file, { flags: 'wx' });
  // The roles are for the report alone: a test does not fail for want of them.
  const written = finished(stream).catch(() => {});
  let last = '';
  while (!signal.aborted) {
    const asked = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
    const atMs = nowMs();
    const roles = await cluster.roles(asked).catch(() => undefined);
    const text = roles === undefined ? last : JSON.stringify(Object.fromEntries(roles));
    if (text !== last && !stream.destroyed) stream.write(`{"atMs":${atMs},"roles":${text}}\n`);
    last = text;
    await pause(EVERY_MS, signal);
  }
  stream.end();
  await written;
}
