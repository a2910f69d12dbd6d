import {
  type Clock,
  decodeValue,
  encodeValue,
  MemoryRpcNetwork,
  type WireValue,
} from '@raft-ts/net';
import { describe, expect, it } from 'vitest';
import { ReplicatedClient } from './client/client.js';
import { decodeEntry, type EntryItem, encodeEntry, encodeItem } from './entries/entry-codec.js';
import { failure, parseFailure } from './errors.js';
import { RpcMethod } from './rpc-methods.js';
import {
  type ClusterMembership,
  encodeMembership,
  parseMembership,
} from './service/membership/cluster-membership.js';
import { encodeChanges } from './service/membership/member-changes.js';
import { TestMember } from './service/service.test.support.js';
import { encodeStatus, type MemberStatus, parseStatus } from './service/status/member-status.js';
import {
  decodeRow,
  encodeSessionRow,
  encodeStateRow,
  STATE_KEY,
  sessionKey,
} from './sessions/session-rows.js';
import {
  checkpointRow,
  decodeStateHashRow,
  divergenceRow,
  lastRow,
} from './state-hash/state-hash-rows.js';

/*
 * What lies on disks and goes over the wire. Whoever changes one of these changes what is read of
 * what was written before: that needs another format number, and a way for the former one.
 */

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** Written apart, to be read: fields with blanks between them. */
const joined = (fields: string) => fields.replaceAll(' ', '');
const bytesOf = (fields: string) => Buffer.from(joined(fields), 'hex');

const LIMITS = {
  maxSessions: 11,
  maxOutstanding: 12,
  maxSavedBytes: 13,
  maxTotalSavedBytes: 14,
  idleMs: 15,
  maxSessionsPerHost: 16,
  replaceableAfterMs: 17,
};

describe('an entry is these bytes with', () => {
  const header = '94 01 cb40b3880000000000 cb4278bcfe56800000 dc0001';
  const items: readonly (readonly [EntryItem<WireValue>, string])[] = [
    [
      { kind: 'command', session: 2048, sequence: 3, acknowledgedBelow: 2, command: ['put', 'k'] },
      '95 00 cd0800 03 02 92a3707574a16b',
    ],
    [{ kind: 'open', host: '10.0.0.7' }, '92 01 a831302e302e302e37'],
    [{ kind: 'close', session: 2048 }, '92 02 cd0800'],
    [{ kind: 'work', command: ['reclaim', 500] }, '92 03 92a77265636c61696dcd01f4'],
    [{ kind: 'limits', limits: LIMITS }, '92 04 97 0b 0c 0d 0e 0f 10 11'],
    [
      {
        kind: 'hashes',
        agreed: [
          { index: 1024, hash: 0xffff_fffe },
          { index: 2048, hash: 7 },
        ],
      },
      '92 05 92 92cd0400cefffffffe 92cd080007',
    ],
  ];

  for (const [item, golden] of items) {
    it(item.kind, () => {
      const times = { logTimeMs: 5000, wallMs: 1_700_000_000_000 };
      expect(hex(encodeEntry(times, [encodeItem(item)]))).toBe(joined(header + golden));
      const decoded = decodeEntry(1, bytesOf(header + golden), (command) => command);
      expect(decoded).toEqual({ ...times, items: [item] });
    });
  }
});

describe("a row beside the machine's state is these bytes:", () => {
  it('of a session', () => {
    const [key, value] = [
      '01 0000000000000800 0000010000000007',
      '96 01 cd1388 02 92 03 05 92 a26f6b c0 a831302e302e302e37',
    ];
    const index = 2 ** 40 + 7;
    const row = {
      host: '10.0.0.7',
      logTimeMs: 5000,
      acknowledgedBelow: 2,
      sequences: [3, 5],
      results: ['ok', null],
    };
    expect(hex(sessionKey(2048, index))).toBe(joined(key));
    expect(hex(encodeSessionRow(row))).toBe(joined(value));
    const bytes = bytesOf(value).byteLength;
    expect(decodeRow(bytesOf(key), bytesOf(value))).toEqual({
      kind: 'session',
      session: 2048,
      index,
      bytes,
      ...row,
    });
  });

  it('of what belongs to no session', () => {
    const value = '93 01 cd1388 97 0b 0c 0d 0e 0f 10 11';
    expect(hex(STATE_KEY)).toBe('00');
    expect(hex(encodeStateRow(5000, LIMITS))).toBe(joined(value));
    const row = { kind: 'state', logTimeMs: 5000, limits: LIMITS };
    expect(decodeRow(bytesOf('00'), bytesOf(value))).toEqual(row);
  });

  it("of the state's hashes", () => {
    const at = { index: 2048, hash: 0xffff_fffe };
    const rows = [
      [
        lastRow(at, 65, 3),
        '02',
        '95 01 cd0800 cefffffffe 41 03',
        { kind: 'last', ...at, checkpoints: 65, term: 3 },
      ],
      [
        checkpointRow(63, at),
        '03 3f',
        '93 01 cd0800 cefffffffe',
        { kind: 'checkpoint', slot: 63, ...at },
      ],
      [
        divergenceRow({ equalAt: 1024, differentAt: 2048 }),
        '04',
        '93 01 cd0400 cd0800',
        { kind: 'divergence', equalAt: 1024, differentAt: 2048 },
      ],
    ] as const;
    for (const [row, key, value, read] of rows) {
      expect(hex(row.key)).toBe(joined(key));
      expect(hex(row.value ?? Buffer.alloc(0))).toBe(joined(value));
      expect(decodeStateHashRow(bytesOf(key), bytesOf(value))).toEqual(read);
    }
  });
});

/** Of each method: number, body and answer, as the client sends and the member answers. */
const REQUESTS = {
  findLeader: [6, '92 00 cd03e8', '95 c3 01 01 a56f6e653a31 92 a56f6e653a31 a574776f3a32'],
  openSession: [1, '91 cd7530', '92 cd0400 cd1000'],
  command: [2, '95 cd0400 01 01 93a3616464a16b05 cd7530', '05'],
  queryOfLeader: [3, '93 00 92a3676574a16b cd7530', '05'],
  queryLocal: [3, '93 01 92a3676574a16b cd7530', '05'],
  queryOfAny: [3, '93 02 92a3676574a16b cd7530', '05'],
  queryBounded: [3, '94 03 92a3676574a16b cd7530 32', '05'],
  listSessions: [7, '92 00 cd03e8', '91 95 cd0400 a468657265 00 01 0d'],
  endSession: [4, '92 07 cd7530', 'c0'],
  closeSession: [4, '92 cd0400 cd7530', 'c0'],
} as const;
type Name = keyof typeof REQUESTS;

it('requests are these bytes from the client, which takes these answers', async () => {
  const network = new MemoryRpcNetwork();
  const seen: Name[] = [];
  await using server = await network.listen('one:1', (method, body, responder) => {
    const sent = hex(encodeValue(body));
    for (const [name, [number, request, answer]] of Object.entries(REQUESTS)) {
      if (method !== number || sent !== joined(request)) continue;
      seen.push(name as Name);
      responder.done(decodeValue(bytesOf(answer)));
      return;
    }
    responder.failed(failure('INVALID_REQUEST', `method ${method} with ${sent}`));
  });
  const still: Clock = {
    monotonicMs: () => 0,
    wallMs: () => 0,
    after: () => () => {},
    afterInput: () => () => {},
  };
  const client = new ReplicatedClient({ addresses: [server.address], network, clock: still });
  expect(await client.command(['add', 'k', 5])).toBe(5);
  expect(await client.query(['get', 'k'])).toBe(5);
  expect(await client.query(['get', 'k'], { consistency: 'local' })).toBe(5);
  expect(await client.query(['get', 'k'], { readFrom: 'any' })).toBe(5);
  expect(await client.query(['get', 'k'], { consistency: { maxStaleMs: 50 } })).toBe(5);
  expect(await client.sessions()).toEqual([
    { id: 1024, host: 'here', idleMs: 0, savedResults: 1, savedBytes: 13 },
  ]);
  await client.endSession(7);
  await client.close();
  expect(seen).toEqual(Object.keys(REQUESTS));
});

it('these requests are answered by a member with these bytes', async () => {
  const member = await TestMember.lead();
  for (const [method, request, golden] of Object.values(REQUESTS)) {
    const answer = member.ask(method, decodeValue(bytesOf(request)));
    member.flush();
    void member.commit();
    for (const reader of member.replica.readers.splice(0)) reader.ready();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    expect(answer.failure).toBeUndefined();
    expect(hex(encodeValue(answer.result))).toBe(joined(golden));
  }
});

it('a failure tells its code, its outcome and the leader', () => {
  const { code, message, details } = failure('NOT_LEADER', 'why', 'unknown', 'two:2');
  const golden = '82 a76f7574636f6d65 a7756e6b6e6f776e a66c6561646572 a574776f3a32';
  expect([code, message, hex(encodeValue(details))]).toEqual(['NOT_LEADER', 'why', joined(golden)]);
  const told = { code, message, details: decodeValue(bytesOf(golden)) };
  expect(parseFailure(told)).toMatchObject({ code, message, outcome: 'unknown' });
});

it("a member's status is these bytes", () => {
  const status: MemberStatus = {
    replica: {
      clusterId: 'c',
      id: 1,
      role: 'leader',
      term: 2,
      leader: 3,
      voter: true,
      recovering: false,
      firstIndex: 4,
      lastIndex: 5,
      logBytes: 24,
      commit: 6,
      applied: 7,
      elections: [{ term: 8, reason: 'timeout', outcome: 'won', atTick: 9, leaderBefore: 10 }],
      snapshotFailure: { failures: 23, message: 'x' },
      progress: [
        {
          id: 11,
          match: 12,
          lag: 13,
          state: 'probe',
          learner: false,
          active: true,
          recovering: false,
        },
      ],
      membership: { configuration: { voters: [24], outgoing: [25] } },
    },
    stoppedBy: 'x',
    stopped: true,
    diskFull: false,
    pid: 14,
    clientAddresses: [[15, 'a:1']],
    sessions: 16,
    savedResultBytes: 17,
    logTimeMs: 18,
    wallMs: 19,
    appliedIndex: 20,
    pendingRequests: 21,
    pendingQueries: 22,
    difference: 'y',
    extra: 23,
  };
  const golden = [
    'de0011a6666f726d617401a77265706c696361de0010a9636c75737465724964a163a2696401a4726f6c65a66c656164',
    '6572a47465726d02a66c656164657203a5766f746572c3aa7265636f766572696e67c2aa6669727374496e64',
    '657804a96c617374496e64657805a86c6f67427974657318a6636f6d6d697406a76170706c69656407a9656c656374696f6e739185a4',
    '7465726d08a6726561736f6ea774696d656f7574a76f7574636f6d65a3776f6ea661745469636b09ac6c6561',
    '6465724265666f72650a',
    'af736e617073686f744661696c75726582a86661696c7572657317a76d657373616765a178',
    'a870726f67726573739187a269640ba56d617463680ca36c61670da57374617465a5',
    '70726f6265a76c6561726e6572c2a6616374697665c3aa7265636f766572696e67c2',
    'aa6d656d6265727368697081ad636f6e66696775726174696f6e82a6766f746572739118a86f7574676f696e679119',
    'a973746f707065644279',
    'a178a773746f70706564c3a86469736b46756c6cc2a37069640eaf636c69656e744164647265737365739192',
    '0fa3613a31a873657373696f6e7310b07361766564526573756c74427974657311a96c6f6754696d654d7312',
    'a677616c6c4d7313ac6170706c696564496e64657814af70656e64696e67526571756573747315ae70656e64',
    '696e675175657269657316',
    'a9736e617073686f7473c0',
    'aa646966666572656e6365a179',
    'a5657874726117',
  ].join('');
  expect([RpcMethod.Status, RpcMethod.StateHashes]).toEqual([5, 11]);
  expect(hex(encodeValue(encodeStatus(status)))).toBe(golden);
  expect(parseStatus(decodeValue(bytesOf(golden)))).toEqual(status);
});

it('what is asked of the membership, and told, is these bytes', () => {
  const endpoints = { member: 'a:1', client: 'b:2' };
  const changes = encodeChanges([
    { type: 'add-learner', id: 4, endpoints },
    { type: 'remove', id: 3 },
    { type: 'update', id: 2, priority: 0 },
  ]);
  const membership: ClusterMembership = {
    clusterId: 'c',
    index: 1,
    leader: 2,
    joint: false,
    members: [
      {
        id: 2,
        role: 'voter',
        endpoints,
        priority: 1,
        active: true,
        recovering: false,
        match: 3,
        lag: 0,
      },
    ],
  };
  const { Membership, ChangeMembership, TransferLeadership } = RpcMethod;
  expect([Membership, ChangeMembership, TransferLeadership]).toEqual([8, 9, 10]);
  const asked =
    '9393ab6164642d6c6561726e65720493a3613a31a3623a32c093a672656d6f766503c094a675706461746502c000';
  expect(hex(encodeValue(changes))).toBe(asked);
  const told = [
    '85a9636c75737465724964a163a5696e64657801a66c656164657202a56a6f696e74c2a76d656d62657273',
    '9188a2696402a4726f6c65a5766f746572a87072696f7269747901a6616374697665c3aa7265636f766572696e67c2a56d61746368',
    '03a36c616700a9656e64706f696e747382a66d656d626572a3613a31a6636c69656e74a3623a32',
  ].join('');
  expect(hex(encodeValue(encodeMembership(membership)))).toBe(told);
  expect(parseMembership(decodeValue(bytesOf(told)))).toEqual(membership);
});
