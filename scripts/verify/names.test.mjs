import { expect, test } from 'vitest';
import { missingNames } from './names.mjs';

const files = ['packages/raft/src/core/raft.ts', 'docs/raft.md'];
const identifiers = new Set(['maxBytes', 'DATA_LOST']);

test('names of files, options and codes that are not there are found', () => {
  const markdown = `
\`packages/raft/src/core\`, \`core/raft.ts\`, \`npx vitest packages/raft/dist/core\`, \`docs/\`
\`packages/raft/src/cor\`, \`core/rafts.ts\`, \`npm run x -- test/none\`
\`maxBytes\`, \`DATA_LOST\`, \`--flag\`, \`maxByte: 3\`, \`DATA_FOUND\`, maxNone
\`\`\`ts
noSuchThing(maxBytes); // \`core/rafts.ts\`
\`\`\`
`;
  expect(missingNames(markdown, files, identifiers)).toEqual([
    'packages/raft/src/cor',
    'core/rafts.ts',
    'test/none',
    'maxByte',
    'DATA_FOUND',
    'noSuchThing',
  ]);
});
