import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { profileIn, profilesFault } from './credentials-profiles.js';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'profiles-'));
  file = join(directory, 'profiles.json');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('reads what stands there now', async () => {
  await writeFile(file, '{"ann":{"key":"one"}}');
  expect(await profileIn(file, 'ann')).toEqual({ key: 'one' });
  await writeFile(file, '{"ann":{"key":"two"}}');
  expect(await profileIn(file, 'ann')).toEqual({ key: 'two' });
});

it('says what is wrong, and nothing of what stands there', async () => {
  const wrong = async (text: string, profile = 'ann') => {
    await writeFile(file, text);
    const failing = profileIn(file, profile).catch((error: unknown) => error);
    const error = (await failing) as Error & { readonly code: string };
    expect(error.code).toBe('INVALID');
    expect(error.message).toContain(file);
    expect(`${error.message} ${String(error.cause)}`).not.toContain('secret');
  };
  await wrong('{"ann":{"key":"secret"');
  await wrong('["secret"]');
  await wrong('{"ann":"secret"}');
  await wrong('{"ann":{"key":"secret","port":5}}');
  await wrong('{"bob":{"key":"secret"}}');
  await wrong('{"bob":{"key":"secret"}}', '__proto__');
  await wrong('{"bob":{"key":"secret"}}', 'toString');
  await wrong(`{"ann":{"key":"secret${' '.repeat(1024 * 1024)}"}}`);
  await rm(file);
  await expect(profileIn(file, 'ann')).rejects.toMatchObject({ code: 'INVALID' });
  await expect(profileIn(undefined, 'ann')).rejects.toThrow('--profiles');
});

it('tells when others than its owner may read or change it', async () => {
  await writeFile(file, '{}');
  await chmod(file, 0o600);
  expect(await profilesFault(file)).toBeUndefined();
  await chmod(file, 0o640);
  expect(await profilesFault(file)).toContain('chmod 600');
  await rm(file);
  expect(await profilesFault(file)).toContain("can't be read");
});
