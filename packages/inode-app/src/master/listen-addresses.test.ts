import { expect, it } from 'vitest';
import { listenAddresses } from './listen-addresses.js';
import { parseMembers } from './members.js';

const members = parseMembers('1=alpha:6201/alpha:6101,2=beta:6201/beta:6101');

/** Where member 1 listens, and what it says, where names lead to these addresses. */
async function listening(names: Readonly<Record<string, string>>, list = members) {
  const said: string[] = [];
  const resolve = async (host: string) => {
    const address = names[host];
    if (address === undefined) throw new Error('ENOTFOUND');
    return address;
  };
  const at = await listenAddresses({ id: 1, members: list }, (line) => said.push(line), resolve);
  return [at.memberAddress, at.clientAddress, said.length];
}

const EVERYWHERE = ['0.0.0.0:6201', '0.0.0.0:6101', 2];
const AS_KNOWN = ['alpha:6201', 'alpha:6101', 0];

it('is where the others find it', async () => {
  expect(await listening({ alpha: '10.0.0.1', beta: '10.0.0.2' })).toEqual(AS_KNOWN);
  expect(await listening({})).toEqual(AS_KNOWN);
  const byNumber = parseMembers('1=127.0.1.1:1/127.0.1.1:2,2=10.0.0.2:1/10.0.0.2:2');
  expect(await listening({}, byNumber)).toEqual(['127.0.1.1:1', '127.0.1.1:2', 0]);
});

it('is everywhere when its own name leads to loopback and others are elsewhere', async () => {
  expect(await listening({ alpha: '127.0.1.1', beta: '10.0.0.2' })).toEqual(EVERYWHERE);
  expect(await listening({ alpha: '127.0.1.1', beta: '127.0.0.1' })).toEqual(EVERYWHERE);
  expect(await listening({ alpha: '127.0.0.1', beta: '10.0.0.2' })).toEqual(EVERYWHERE);
  expect(await listening({ alpha: '127.0.0.1' })).toEqual(EVERYWHERE);
  expect(await listening({ alpha: '::1', beta: 'fd00::2' })).toEqual(['[::]:6201', '[::]:6101', 2]);
});

it('is loopback when the whole cluster is on this machine', async () => {
  expect(await listening({ alpha: '127.0.0.1', beta: '127.0.0.1' })).toEqual(AS_KNOWN);
  expect(await listening({ alpha: '127.0.0.2', beta: '127.0.0.3' })).toEqual(AS_KNOWN);
});

it('is the same for HTTP, where the member has an address for that', async () => {
  const text = '1=alpha:6201/alpha:6101/alpha:6301,2=beta:6201/beta:6101/beta:6301';
  const withHttp = parseMembers(text);
  const leadsTo = (address: string) => async (host: string) =>
    host === 'alpha' ? address : '10.0.0.2';
  const asKnown = await listenAddresses(
    { id: 1, members: withHttp },
    () => {},
    leadsTo('10.0.0.1'),
  );
  expect(asKnown.httpAddress).toBe('alpha:6301');
  const every = await listenAddresses({ id: 1, members: withHttp }, () => {}, leadsTo('127.0.1.1'));
  expect(every.httpAddress).toBe('0.0.0.0:6301');
  const listen = { memberAddress: '10.0.0.9:1', clientAddress: '10.0.0.9:2' };
  const told = await listenAddresses({ id: 1, members: withHttp, listen }, () => {});
  expect(told).toEqual({ ...listen, httpAddress: 'alpha:6301' });
});

it('is what it is told', async () => {
  const listen = { memberAddress: '10.0.0.9:1', clientAddress: '10.0.0.9:2' };
  expect(await listenAddresses({ id: 1, members, listen }, () => {})).toEqual(listen);
});
