import { describe, expect, it } from 'vitest';
import { addressesText, formatMembers, parseListen, parseMember, parseMembers } from './members.js';

describe('parseMembers', () => {
  it('reads what formatMembers writes', () => {
    const members = [
      { id: 1, memberAddress: '127.0.0.1:6201', clientAddress: '127.0.0.1:6101' },
      {
        id: 7,
        memberAddress: '[::1]:1',
        clientAddress: 'host-b.example:65535',
        httpAddress: 'host-b.example:1',
      },
    ];
    expect(parseMembers(formatMembers(members))).toEqual(members);
    expect(formatMembers(members)).toBe(
      '1=127.0.0.1:6201/127.0.0.1:6101,7=[::1]:1/host-b.example:65535/host-b.example:1',
    );
  });

  it('takes the zone of an IPv6 address', () => {
    const text = '1=[fe80::1%eth0]:1/[fe80::1%br-0.7]:2';
    expect(formatMembers(parseMembers(text))).toBe(text);
  });

  it.each([
    ['', /form/],
    ['1=a:1', /form/],
    ['1=a:1/b', /form/],
    ['x=a:1/b:2', /form/],
    ['0=a:1/b:2', /id/],
    ['1=a:0/b:2', /port/],
    ['1=a:1/b:65536', /port/],
    ['1=a:1/b:2,1=c:1/d:2', /1 is given twice/],
    ['1=a:1/b:2,2=a:1/d:2', /a:1 is given twice/],
    ['1=a:1/b:2,2=c:1/b:2', /b:2 is given twice/],
    ['1=a:1/b:2/', /form/],
    ['1=a:1/b:2/c', /form/],
    ['1=a:1/b:2/c:3/d:4', /form/],
    ['1=a:1/b:2/c:0', /port/],
    ['1=a:1/b:2/b:2', /b:2 is given twice/],
    ['1=a:1/b:2/c:3,2=d:4/e:5/c:3', /c:3 is given twice/],
    ['1=a:1/a:1', /^--members: a:1 is given twice/],
    ['1=a:1/b:2,2=b:2/c:3', /b:2 is given twice/],
    ['1=[fe80::1%]:1/b:2', /form/],
    [Array.from({ length: 16 }, (_, at) => `${at + 1}=a${at}:1/b${at}:1`).join(','), /at most 15/],
  ])('refuses %j', (text, message) => {
    expect(() => parseMembers(text)).toThrow(message);
  });
});

describe('parseMember', () => {
  it('names the form of one member', () => {
    expect(() => parseMember('x=a:1/b:2')).toThrow(
      '"x=a:1/b:2" has not the form ID=MEMBERHOST:PORT/CLIENTHOST:PORT[/HTTPHOST:PORT]',
    );
    expect(() => parseMember('x=a:1/b:2')).not.toThrow(',...');
  });
});

describe('addressesText', () => {
  it('says for whom each address is, and where one is missing', () => {
    const addresses = { memberAddress: 'a:1', clientAddress: 'b:2' };
    expect(addressesText({ ...addresses, httpAddress: 'c:3' })).toBe(
      'a:1 by members, b:2 by clients and c:3 over HTTP',
    );
    expect(addressesText(addresses)).toBe('a:1 by members and b:2 by clients, and not over HTTP');
  });
});

describe('parseListen', () => {
  it('reads where one member listens', () => {
    expect(parseListen('0.0.0.0:6201/[::]:6101')).toEqual({
      memberAddress: '0.0.0.0:6201',
      clientAddress: '[::]:6101',
    });
    for (const text of ['', 'a:1', 'a:1/b', '1=a:1/b:2', 'a:0/b:1']) {
      expect(() => parseListen(text)).toThrow(/^--listen: .*(form|port)/);
    }
    expect(() => parseListen('a:1/a:1')).toThrow('--listen: a:1 is given twice');
  });
});
