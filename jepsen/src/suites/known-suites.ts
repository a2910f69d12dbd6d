import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { JepsenError } from '../errors.js';
import type { Suite } from './suite.js';

/** Loaded only where they are asked for: some need packages that others do without. */
const KNOWN: Readonly<Record<string, () => Promise<{ readonly suite: Suite }>>> = {
  'inode-app': () => import('./inode-app/inode-app-suite.js'),
  'key-value': () => import('./key-value/key-value-suite.js'),
  etcd: () => import('./etcd/etcd-suite.js'),
  'broken-register': () => import('./broken-register/broken-register.js'),
};

export const SUITE_NAMES: readonly string[] = Object.keys(KNOWN);

/**
 * @param name of a known suite, or the path of a module that exports `suite`
 * @throws JepsenError OPTIONS_INVALID
 */
export async function loadSuite(name: string): Promise<Suite> {
  const load = KNOWN[name];
  if (load !== undefined) return (await load()).suite;
  if (!/\.m?js$/.test(name)) {
    const names = SUITE_NAMES.join(', ');
    const advice = `give one of ${names}, or the path of a .js file that exports suite`;
    throw new JepsenError('OPTIONS_INVALID', `there is no suite ${name}: ${advice}`);
  }
  return await suiteOf(name);
}

async function suiteOf(file: string): Promise<Suite> {
  let exported: unknown;
  try {
    exported = await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new JepsenError('OPTIONS_INVALID', `${file} can't be loaded: ${reason}`);
  }
  if (isSuiteModule(exported)) return exported.suite;
  throw new JepsenError(
    'OPTIONS_INVALID',
    `${file} exports no suite: it needs \`export const suite\` with name, about, database and clients`,
  );
}

function isSuiteModule(value: unknown): value is { readonly suite: Suite } {
  if (typeof value !== 'object' || value === null || !('suite' in value)) return false;
  const { suite } = value;
  if (typeof suite !== 'object' || suite === null) return false;
  if (!('name' in suite && 'about' in suite && 'database' in suite && 'clients' in suite))
    return false;
  const { database, clients } = suite;
  if (typeof database !== 'object' || database === null) return false;
  if (typeof clients !== 'object' || clients === null) return false;
  return 'command' in database && 'isServing' in database && 'ports' in database;
}
