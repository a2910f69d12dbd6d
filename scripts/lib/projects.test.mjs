import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listFiles, Project } from './projects.mjs';

let base = '';

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'raft-ts-projects-'));
  const compilerOptions = { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/info' };
  write('p/tsconfig.json', JSON.stringify({ compilerOptions }));
  write('p/src/a.ts');
  write('p/src/core/b.test.ts');
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

/**
 * @param {string} file
 * @param {string} [text]
 */
function write(file, text = '') {
  mkdirSync(dirname(join(base, file)), { recursive: true });
  writeFileSync(join(base, file), text);
}

/** @param {string} name without .ts */
function compile(name) {
  for (const suffix of ['.js', '.js.map', '.d.ts', '.d.ts.map']) write(`p/dist/${name}${suffix}`);
  write('p/dist/info');
}

test('a project is complete once each source is compiled', () => {
  const project = new Project('p', base);
  expect(project.sources()).toEqual(['p/src/a.ts', 'p/src/core/b.test.ts']);
  compile('a');
  expect(project.isComplete()).toBe(false);
  compile('core/b.test');
  expect(project.isComplete()).toBe(true);
  project.forget();
  expect(project.isComplete()).toBe(false);
});

test('a project is compiled as its own configuration says, and those within its sources', () => {
  write('p/src/page/tsconfig.json');
  write('p/src/page/main.ts');
  expect(new Project('p', base).configurations()).toEqual([
    'p/tsconfig.json',
    'p/src/page/tsconfig.json',
  ]);
});

test('what was compiled from a source that has gone is removed, with its folder, no more', () => {
  for (const name of ['a', 'core/b.test', 'gone/c.test', 'core/d']) compile(name);
  const project = new Project('p', base);
  expect(project.orphans()).toHaveLength(8);
  project.removeOrphans();
  expect(project.orphans()).toEqual([]);
  expect(listFiles('p/dist', base).sort()).toEqual(
    ['a', 'core/b.test']
      .flatMap((name) =>
        ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((end) => `p/dist/${name}${end}`),
      )
      .concat('p/dist/info')
      .sort(),
  );
  expect(existsSync(join(base, 'p/dist/gone'))).toBe(false);
});
