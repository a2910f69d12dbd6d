import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'jepsen.js');

describe('jepsen serve', () => {
  let store = '';
  let child: ChildProcess | undefined;
  beforeEach(() => {
    store = mkdtempSync(join(tmpdir(), 'jepsen-serve-'));
    const test = join(store, 'register', '2026-01-02T03.04.05.678Z');
    mkdirSync(test, { recursive: true });
    writeFileSync(join(test, 'results.json'), '{"verdict":"invalid"}');
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(store, { recursive: true });
  });

  function serve(...args: readonly string[]) {
    const started = spawn(process.execPath, [BIN, 'serve', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    return started;
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('shows the store until %s', async (signal) => {
    const started = serve('--store', store, '--port', '0');
    const exited = once(started, 'exit');
    const [line = ''] = await once(createInterface(started.stdout), 'line');
    const [address = ''] = /http:\/\/127\.0\.0\.1:\d+\/$/.exec(String(line)) ?? [];
    const page = await (await fetch(address)).text();
    expect(page).toContain('<span class="badge invalid">invalid</span>');
    started.kill(signal);
    expect(await exited).toEqual([0, null]);
  });

  it('ends with 3 where there is no store, or no such port', async () => {
    for (const [args, reason] of [
      [['--store', join(store, 'none')], 'there is no directory'],
      [['--port', '70000'], 'It is a number from 0 to 65535'],
    ] as const) {
      const started = serve(...args);
      const exited = once(started, 'exit');
      expect(await text(started.stderr)).toContain(reason);
      expect(await exited).toEqual([3, null]);
    }
  });
});
