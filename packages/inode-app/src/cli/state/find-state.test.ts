import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Master } from '../../master/master.js';
import { findState, requiredIndex } from './find-state.js';

const PATIENT_MS = 3_600_000;
const { signal: never } = new AbortController();

let directory: string;
let addresses: readonly string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'find-state-'));
  addresses = await freeAddresses(3);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const portOf = (address: string) => address.slice(address.lastIndexOf(':'));

describe('the state of a running cluster', () => {
  it('is had from the member at an address, however that is written', async () => {
    const [memberAddress = '', clientAddress = '', httpAddress = ''] = addresses;
    await using master = await Master.start({
      id: 7,
      clusterId: 'found',
      directory,
      members: [{ id: 7, memberAddress, clientAddress, httpAddress }],
    });
    expect(master.addresses.clientAddress).toBe(clientAddress);
    for (const from of ['7', clientAddress, `localhost${portOf(clientAddress)}`]) {
      const found = await findState({ addresses: clientAddress }, PATIENT_MS, from, never);
      expect(found).toMatchObject({
        clusterId: 'found',
        peers: [{ member: 7, address: httpAddress }],
        leader: 7,
      });
    }
  });

  it('is not had from who is no member: it says who is', async () => {
    const [memberAddress = '', clientAddress = ''] = addresses;
    const members = [{ id: 7, memberAddress, clientAddress }];
    await using _ = await Master.start({ id: 7, clusterId: 'found', directory, members });
    await expect(
      findState({ addresses: clientAddress }, PATIENT_MS, '9', never),
    ).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: 'there is no member 9; there are 7',
    });
  });

  it('is looked for no longer once that is given up', async () => {
    const interrupt = new AbortController();
    const finding = findState(
      { addresses: addresses.join(',') },
      PATIENT_MS,
      undefined,
      interrupt.signal,
    );
    interrupt.abort(new Error('Ctrl-C'));
    await expect(finding).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('is not had while nobody says how much of it is committed', () => {
    const follower = { id: 1, commit: 5 };
    expect(requiredIndex([follower, { id: 2, commit: 9 }], 2)).toBe(9);
    expect(
      requiredIndex(
        [
          { id: 1, commit: 9 },
          { id: 2, commit: 5 },
        ],
        2,
      ),
    ).toBe(9);
    for (const others of [[], [{ id: 2, commit: null }]]) {
      expect(() => requiredIndex([follower, ...others], 2)).toThrow(
        expect.objectContaining({ code: 'UNAVAILABLE' }),
      );
    }
  });
});
