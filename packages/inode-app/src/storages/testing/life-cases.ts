import assert from 'node:assert/strict';
import { StorageError } from '../storage-error.js';
import { firstPage, rejectsWith, type StorageBench, type StorageCases } from './storage-bench.js';

/** Every method that asks the storage, on paths that are there or may be made. */
function everyMethod({ storage }: StorageBench, signal: AbortSignal): readonly Promise<unknown>[] {
  return [
    storage.stat('d/f', signal),
    firstPage(storage.list('d', signal)),
    storage.makeDirectory('new', signal),
    storage.remove('d', { recursive: true }, signal),
    storage.rename('d/f', 'g', signal),
    storage.copy('d', 'e', {}, signal),
    storage.removeCopied('d', 'e', {}, signal),
    storage.location('d/f', 'read', signal),
  ];
}

function isInvalid(error: unknown): boolean {
  assert.ok(error instanceof StorageError);
  assert.equal(error.code, 'INVALID');
  assert.equal(error.outcome, 'definite');
  assert.doesNotMatch(error.message, /geheim/);
  return true;
}

export const lifeCases: StorageCases = {
  'a place has one form, which is understood again': async ({ home }) => {
    const { uri, place } = home.driver.parse(home.uri, home.options);
    assert.deepEqual(home.driver.parse(uri, home.options), { uri, place });
    assert.ok(uri.startsWith(`${home.driver.scheme}:`));
  },

  'refuses options that it does not know, and credentials in the URI': async ({ home }) => {
    const { driver, uri, options, credentials } = home;
    const unknown = { ...options, 'no-such-option': 'geheim' };
    const withUser = uri.replace('//', '//user:geheim@');
    assert.throws(() => driver.parse(uri, unknown), isInvalid);
    assert.throws(() => driver.parse(withUser, options), isInvalid);
    await assert.rejects(driver.open(uri, unknown, credentials), isInvalid);
    await assert.rejects(driver.open(withUser, options, credentials), isInvalid);
    assert.throws(() => driver.parse('geheim', options), isInvalid);
  },

  'does nothing for whoever has given up': async (bench) => {
    await bench.home.writeFile('d/f', 'x');
    const reason = new Error('given up');
    for (const result of await Promise.allSettled(everyMethod(bench, AbortSignal.abort(reason)))) {
      assert.equal(result.status === 'rejected' && result.reason, reason);
    }
    assert.deepEqual(await bench.tree(''), ['d/', 'd/f=x']);
  },

  'a place that is missing is told as such, and never as an empty one': async (bench) => {
    const missing = bench.keep(await bench.home.openMissing());
    const { signal } = bench;
    await rejectsWith('NOT_FOUND', missing.stat('', signal));
    await rejectsWith('NOT_FOUND', missing.stat('x', signal));
    await rejectsWith('NOT_FOUND', missing.stat('x/y', signal));
    await rejectsWith('NOT_FOUND', firstPage(missing.list('', signal)));
    await rejectsWith('NOT_FOUND', firstPage(missing.list('x', signal)));
    await rejectsWith('NOT_FOUND', missing.makeDirectory('x', signal));
    await rejectsWith('NOT_FOUND', missing.remove('x', { recursive: true }, signal));
    const copy = bench.home.inOneStep ? 'UNSUPPORTED' : 'NOT_FOUND';
    await rejectsWith(copy, missing.copy('x', 'y', {}, signal));
  },

  'a storage that gives no answer is told as such, and never as an absence': async (bench) => {
    if (bench.home.openUnreachable === undefined) return;
    const unreachable = bench.keep(await bench.home.openUnreachable());
    const { signal } = bench;
    await rejectsWith('UNREACHABLE', unreachable.stat('', signal));
    await rejectsWith('UNREACHABLE', unreachable.stat('x', signal));
    await rejectsWith('UNREACHABLE', firstPage(unreachable.list('', signal)));
    await rejectsWith('UNREACHABLE', unreachable.makeDirectory('x', signal));
    await rejectsWith('UNREACHABLE', unreachable.remove('x', { recursive: true }, signal));
    const copy = bench.home.inOneStep ? 'UNSUPPORTED' : 'UNREACHABLE';
    await rejectsWith(copy, unreachable.copy('x', 'y', {}, signal));
  },

  'is closed once and for all, and can be closed again': async (bench) => {
    await bench.home.writeFile('d/f', 'x');
    const { storage, signal } = bench;
    const underWay = storage.stat('d/f', signal);
    // It ends either way, and nobody need look.
    underWay.catch(() => undefined);
    await storage.close();
    await storage.close();
    await storage[Symbol.asyncDispose]();
    await Promise.allSettled([underWay]);
    for (const result of everyMethod(bench, signal)) await rejectsWith('UNREACHABLE', result);
  },
};
