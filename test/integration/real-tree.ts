import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';

/** A path of this machine, one character a byte. */
type BytePath = string;

function bytes(path: BytePath): Buffer {
  return Buffer.from(path, 'latin1');
}

/** Makes a small tree with names, types and attributes that are easily lost. */
export function makeOddTree(top: string): void {
  const names = [
    'plain',
    'with space',
    'new\nline',
    'back\\slash',
    'quote\'"$(x)`',
    '-rf',
    'caf\xc3\xa9',
    'cafe\xcc\x81',
    '\xf0\x9f\x8e\x89',
    '\xff',
    '\xfe\xff',
    '\xed\xb3\xbf',
    '\xc3',
    '\x01\x7f',
    'x'.repeat(255),
  ];
  for (const [number, name] of names.entries()) {
    mkdirSync(bytes(`${top}/${name}/inner`), { recursive: true });
    writeFileSync(bytes(`${top}/${name}/inner/${name}`), 'x'.repeat(number));
    symlinkSync(bytes(name), bytes(`${top}/${name}/link`));
    chmodSync(bytes(`${top}/${name}/inner/${name}`), [0o644, 0o4755, 0, 0o777][number % 4] ?? 0);
    utimesSync(bytes(`${top}/${name}/inner/${name}`), 1, number * 1000.123);
  }
  mkdirSync(bytes(`${top}/empty`));
  chmodSync(bytes(`${top}/empty`), 0o1777);
  for (const name of names) utimesSync(bytes(`${top}/${name}`), 1, 946_684_799.9995);
  utimesSync(top, 1, 86_400);
}

/** Makes `directories` with `files` empty files each. */
export function makeWideTree(top: string, directories: number, files: number): void {
  for (let directory = 0; directory < directories; directory += 1) {
    mkdirSync(`${top}/d${directory}`, { recursive: true });
    for (let file = 0; file < files; file += 1) writeFileSync(`${top}/d${directory}/f${file}`, '');
  }
}

/** What a tree of this machine has, by path below `into`, in the form of `find --json`. */
export function realEntries(top: string, into: string): Map<string, unknown> {
  const users = names('/etc/passwd');
  const groups = names('/etc/group');
  const found = new Map<string, unknown>();
  const visit = (path: BytePath, treePath: BytePath) => {
    const stats = lstatSync(bytes(path), { bigint: true });
    const type = stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'symlink';
    found.set(treePath === '' ? '/' : treePath, {
      type,
      size: Number(stats.size),
      mode: Number(stats.mode & 0o7777n),
      owner: users.get(`${stats.uid}`) ?? `${stats.uid}`,
      group: groups.get(`${stats.gid}`) ?? `${stats.gid}`,
      modifiedMs: Number(stats.mtimeNs / 1_000_000n),
      ...(type === 'symlink' ? { target: readlink(path) } : {}),
    });
    if (type !== 'directory') return;
    for (const name of readdirSync(bytes(path), { encoding: 'buffer' })) {
      visit(`${path}/${name.toString('latin1')}`, `${treePath}/${name.toString('latin1')}`);
    }
  };
  visit(top, into === '/' ? '' : into);
  return found;
}

/** What `find --json` printed, in the same form. */
export function foundEntries(lines: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const line of lines.split('\n')) {
    if (line === '') continue;
    const { path, type, size, mode, owner, group, modifiedMs, target } = JSON.parse(line);
    if (found.has(bytesOf(path))) throw new Error(`${path} is there twice`);
    found.set(bytesOf(path), {
      type,
      size,
      mode,
      owner,
      group,
      modifiedMs,
      ...(target === undefined ? {} : { target: bytesOf(target) }),
    });
  }
  return found;
}

/** The bytes of a text with surrogate escapes, as Python's os.fsencode gives them. */
function bytesOf(text: string): BytePath {
  let result = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    result +=
      code >= 0xdc80 && code <= 0xdcff
        ? String.fromCharCode(code - 0xdc00)
        : Buffer.from(character).toString('latin1');
  }
  return result;
}

function readlink(path: BytePath): BytePath {
  return readlinkSync(bytes(path), { encoding: 'buffer' }).toString('latin1');
}

function names(file: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [name, , id] = line.split(':');
    if (name !== undefined && id !== undefined && !found.has(id)) found.set(id, name);
  }
  return found;
}
