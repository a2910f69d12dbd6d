import type { Found } from './tormented-storage.js';

/**
 * What one client has made in a directory of its own: the size of each file by its path there, `'directory'`, or `'open'` for a
 * file that was created and not completed.
 */
export type UnitState = ReadonlyMap<string, number | 'directory' | 'open'>;

/** An entry of the tree as it is compared: `'open'` where its content was not completed. */
export type TreeFound = Found | 'open';

export function directoriesOf(state: UnitState): readonly string[] {
  return ['', ...pathsOf(state, (found) => found === 'directory')];
}

export function filesOf(state: UnitState): readonly string[] {
  return pathsOf(state, (found) => typeof found === 'number');
}

function pathsOf(state: UnitState, wanted: (found: number | 'directory' | 'open') => boolean) {
  return [...state].filter(([, found]) => wanted(found)).map(([path]) => path);
}

export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

export function joined(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

/** Names of the entries of a directory. */
export function namesIn(state: UnitState, directory: string): readonly string[] {
  const prefix = directory === '' ? '' : `${directory}/`;
  return [...state.keys()]
    .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
    .map((path) => path.slice(prefix.length))
    .sort();
}

export function withEntry(
  state: UnitState,
  path: string,
  found: number | 'directory' | 'open',
): UnitState {
  return new Map([...state, [path, found]]);
}

export function without(state: UnitState, path: string): UnitState {
  return new Map([...state].filter(([each]) => !isWithin(each, path)));
}

export function moved(state: UnitState, source: string, destination: string): UnitState {
  return new Map(
    [...state].map(([path, found]) => [
      isWithin(path, source) ? `${destination}${path.slice(source.length)}` : path,
      found,
    ]),
  );
}

/** How what was found differs from a state, in words; undefined where it does not. */
export function differenceFrom(
  state: UnitState,
  tree: ReadonlyMap<string, TreeFound>,
  storage: ReadonlyMap<string, Found>,
): string | undefined {
  for (const path of new Set([...state.keys(), ...tree.keys(), ...storage.keys()])) {
    const [wanted, inTree, inStorage] = [state.get(path), tree.get(path), storage.get(path)];
    if (wanted === inTree && wanted === inStorage) continue;
    // Its content may have been written or not.
    const isOpen = wanted === 'open' && inTree !== undefined && inTree !== 'directory';
    if (isOpen && inStorage !== 'directory') continue;
    return `${path} is ${inTree} in the tree and ${inStorage} in the storage, not ${wanted}`;
  }
  return undefined;
}
