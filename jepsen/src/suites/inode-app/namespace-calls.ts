import { type CallOptions, InodeAppError, type NamespaceClient } from 'inode-app';
import type { CallInput } from '../../histories/history-event.js';
import type { Json } from '../../histories/json.js';
import { DefiniteFailure } from '../../workloads/workload.js';

/** How a call of a workload is carried out on the tree. */
export type NamespaceCall = (
  client: NamespaceClient,
  input: CallInput,
  options: CallOptions,
) => Promise<Json>;

/** What the tree says no with: an answer, not a failure. */
const REFUSALS: ReadonlySet<string> = new Set([
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'NOT_A_DIRECTORY',
  'DIRECTORY_NOT_EMPTY',
  'RENAME_BELOW_ITSELF',
  'ROOT_IMMUTABLE',
]);

/** The code with which the tree refused; anything else is thrown again. */
function refusalOf(error: unknown): string {
  if (error instanceof InodeAppError && REFUSALS.has(error.code)) return error.code;
  throw error;
}

/** Calls of trees, each in a directory of its own, which is there. */
export const carryOutTree: NamespaceCall = async (client, input, options) => {
  try {
    return await onTree(client, input, options);
  } catch (error) {
    return { error: refusalOf(error) };
  }
};

/** The directory in which the tree of a call lies. */
export function treeDirectory({ tree = '' }: CallInput): string {
  return tree === '' ? '' : `/${tree}`;
}

async function onTree(
  client: NamespaceClient,
  input: CallInput,
  options: CallOptions,
): Promise<Json> {
  const path = pathOf(input, 'path');
  switch (input.kind) {
    case 'create':
      return { id: await client.create(path, options) };
    case 'mkdir':
      return { id: await client.mkdir(path, options) };
    case 'rename':
      return {
        id: await client.rename(pathOf(input, 'source'), pathOf(input, 'destination'), options),
      };
    case 'delete': {
      const recursive = input.recursive === true;
      return { id: await client.delete(path, { ...options, recursive }) };
    }
    case 'list': {
      const entries: Json[] = [];
      for await (const { name, id, type } of client.list(path, options))
        entries.push([name, id, type]);
      return { entries };
    }
    case 'getStatus': {
      const { id, type } = await client.getStatus(path, options);
      return { id, type };
    }
    default:
      throw noSuchCall(input);
  }
}

function pathOf(input: CallInput, field: 'path' | 'source' | 'destination'): string {
  const path = `${input[field]}`;
  return path === '/' ? treeDirectory(input) || path : `${treeDirectory(input)}${path}`;
}

/** A name that is taken is a file of that name: `create` never replaces one. */
export const carryOutNames: NamespaceCall = async (client, input, options) => {
  if (input.kind === 'claim') {
    try {
      await client.create(`/names-${input.name}`, options);
      return true;
    } catch (error) {
      refusalOf(error);
      return false;
    }
  }
  if (input.kind === 'list') return await namesBehind(client, 'names-', options);
  throw noSuchCall(input);
};

/** An element of a set is a directory: making one that is there already changes nothing. */
export const carryOutSet: NamespaceCall = async (client, input, options) => {
  const directory = `/set-${input.key ?? ''}`;
  if (input.kind === 'add') {
    await client.mkdir(`${directory}/${input.element}`, { ...options, parents: true });
    return null;
  }
  if (input.kind !== 'read') throw noSuchCall(input);
  try {
    const elements: Json[] = [];
    for await (const { name } of client.list(directory, options)) elements.push(Number(name));
    return elements;
  } catch (error) {
    refusalOf(error);
    return [];
  }
};

async function namesBehind(
  client: NamespaceClient,
  prefix: string,
  options: CallOptions,
): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of client.list('/', options)) {
    if (name.startsWith(prefix)) names.push(name.slice(prefix.length));
  }
  return names;
}

/** Whether a call changes nothing, so that one without an answer is no riddle. */
export function readsOnly({ kind }: CallInput): boolean {
  return kind === 'list' || kind === 'getStatus' || kind === 'read';
}

function noSuchCall({ kind }: CallInput): DefiniteFailure {
  return new DefiniteFailure('NO_SUCH_CALL', `the tree has no ${kind}`);
}
