import { fuzzOptions, fuzzValues } from '@raft-ts/fuzz';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arbitraryCommand } from '../../store/testing/operation-models.js';
import { WireError } from '../wire-fields.js';
import { encodeCommand, parseCommand } from './command-codec.js';
import type { NamespaceCommand } from './operation-table.js';
import { parseResults } from './result.js';

const isRefusal = (error: unknown) => error instanceof WireError;

it('operations', async () => {
  const options = fuzzOptions();
  const report = await fuzzValues(
    {
      name: 'operations',
      corpus: fc
        .sample(arbitraryCommand, { seed: options.seed, numRuns: 200 })
        .map((command) => encodeCommand(command)),
      decode: parseCommand,
      isRefusal,
      check: (decoded) => {
        const command = decoded as NamespaceCommand;
        expect(parseCommand(encodeCommand(command))).toEqual(command);
      },
    },
    options,
  );
  console.log(report.line);
});

it('operation-results', async () => {
  const report = await fuzzValues({
    name: 'operation-results',
    corpus: [
      [5, ['NOT_FOUND', '/a'], 2 ** 53 - 1],
      [0, 1, 2],
    ],
    decode: (value) => parseResults(value, 3),
    isRefusal,
    check: (decoded) => expect(decoded).toHaveLength(3),
  });
  console.log(report.line);
});
