import { expect, test } from 'vitest';
import { manifestProblems, outsideLinks } from './manifests.mjs';

const workspace = { license: 'MIT', engines: { node: '>=20' } };
const whole = {
  description: 'What it is',
  keywords: ['word'],
  license: 'MIT',
  engines: { node: '>=20' },
  files: ['dist', 'src'],
  scripts: { prepack: 'cp ../LICENSE .' },
};

test('what a manifest lacks is named', () => {
  expect(manifestProblems(whole, workspace, '../LICENSE')).toEqual([]);
  for (const [field, value] of Object.entries({
    description: '',
    keywords: [],
    license: 'ISC',
    engines: { node: '>=18' },
    files: ['dist'],
    scripts: {},
  })) {
    const manifest = { ...whole, [field]: value };
    expect(manifestProblems(manifest, workspace, '../LICENSE')).toHaveLength(1);
  }
});

test('links that leave the package are found', () => {
  const readme = '[a](docs/a.md) [b](../b.md) [c](x/../../c.md) [d](https://example.org) `../e.md`';
  expect(outsideLinks(readme).map((problem) => problem.split(',')[0])).toEqual([
    'README.md links to ../b.md',
    'README.md links to x/../../c.md',
  ]);
});
