import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Storage, StoragePage } from '../storage.js';
import type { StorageErrorCode } from '../storage-error.js';
import {
  fileStatus,
  type NameNodeScript,
  remoteFailure,
  type ScriptedAnswer,
  ScriptedNameNode,
} from './scripted-name-node.test.support.js';
import { WebHdfsDriver } from './webhdfs-driver.js';

const { signal } = new AbortController();
const ABSENT = remoteFailure(404, 'FileNotFoundException', 'File does not exist: /x');
const STANDBY = remoteFailure(403, 'StandbyException', 'Operation category READ is not supported');
const DIRECTORY: ScriptedAnswer = { body: { FileStatus: fileStatus('', 'DIRECTORY') } };

interface OpenOptions {
  readonly credentials?: Readonly<Record<string, string>>;
  readonly answerTimeoutMs?: number;
}

function openStorage(
  addresses: readonly string[],
  { credentials = { user: 'alice' }, answerTimeoutMs = 60_000 }: OpenOptions = {},
): Promise<Storage> {
  const driver = new WebHdfsDriver('webhdfs', { maxAnswerBytes: 1e6, answerTimeoutMs });
  return driver.open(`webhdfs://${addresses.join(',')}/`, {}, credentials);
}

/** Has a storage over one scripted NameNode. */
async function withScript(
  script: NameNodeScript,
  body: (storage: Storage, nameNode: ScriptedNameNode) => Promise<void>,
): Promise<void> {
  await using nameNode = await ScriptedNameNode.open(script);
  await using storage = await openStorage([nameNode.address]);
  await body(storage, nameNode);
}

async function pagesOf(storage: Storage, path: string): Promise<StoragePage[]> {
  const pages: StoragePage[] = [];
  for await (const page of storage.list(path, signal)) pages.push(page);
  return pages;
}

function batch(names: readonly string[], remainingEntries: number): ScriptedAnswer {
  const FileStatus = names.map((name) => fileStatus(name));
  return {
    body: {
      DirectoryListing: { partialListing: { FileStatuses: { FileStatus } }, remainingEntries },
    },
  };
}

/** An address where nobody listens. */
async function deadAddress(): Promise<string> {
  const nameNode = await ScriptedNameNode.open(() => undefined);
  await nameNode[Symbol.asyncDispose]();
  return nameNode.address;
}

const HTML = '<html><body>Bad gateway</body></html>';

describe('what a server answers', () => {
  it.each<[string, ScriptedAnswer, StorageErrorCode]>([
    ['a name that is known', remoteFailure(403, 'AccessControlException', 'denied'), 'FORBIDDEN'],
    ['a token that is none', remoteFailure(403, 'InvalidToken'), 'FORBIDDEN'],
    ['a stranger', remoteFailure(401, 'SecurityException'), 'FORBIDDEN'],
    ['a quota', remoteFailure(403, 'DSQuotaExceededException'), 'FULL'],
    ['safe mode', remoteFailure(403, 'SafeModeException'), 'BUSY'],
    ['a start', remoteFailure(403, 'RetriableException', 'Namenode is in startup mode'), 'BUSY'],
    ['standing by', STANDBY, 'BUSY'],
    ['a name that is unknown', remoteFailure(403, 'IOException', 'disk on fire'), 'FAILED'],
    [
      'another encryption zone',
      remoteFailure(403, 'IOException', "/s can't be moved into an encryption zone."),
      'UNSUPPORTED',
    ],
    [
      'a file in the place of a directory',
      remoteFailure(403, 'IOException', 'Source /s and destination /d must both be directories'),
      'ALREADY_EXISTS',
    ],
    ['a name from nowhere', remoteFailure(500, 'constructor'), 'FAILED'],
    ['a failure without JSON', { status: 500, body: HTML }, 'FAILED'],
    ['a failure without anything', { status: 500, body: '' }, 'FAILED'],
    ['a gateway', { status: 502, body: HTML }, 'UNREACHABLE'],
    ['a balancer', { status: 503, body: HTML }, 'BUSY'],
    ['a limit', { status: 429, body: '' }, 'BUSY'],
    ['a login', { status: 401, body: HTML }, 'FORBIDDEN'],
    ['another web server', { status: 404, body: HTML }, 'UNREACHABLE'],
    ['404 with other JSON', { status: 404, body: { error: 'none' } }, 'UNREACHABLE'],
    ['a long URL', { status: 414, body: HTML }, 'UNSUPPORTED'],
    ['a redirection', { status: 307, body: '' }, 'UNREACHABLE'],
    ['a page in the place of JSON', { body: HTML }, 'UNREACHABLE'],
    ['cut JSON', { body: '{"FileStatus":{"type":"FI' }, 'UNREACHABLE'],
    ['nothing', { body: '' }, 'UNREACHABLE'],
    ['null', { body: 'null' }, 'UNREACHABLE'],
    ['something else', { body: { boolean: true } }, 'UNREACHABLE'],
    ['no size', { body: { FileStatus: { type: 'FILE', length: -1 } } }, 'UNREACHABLE'],
    ['no type', { body: { FileStatus: { ...fileStatus(''), type: 'toString' } } }, 'UNREACHABLE'],
    ['too much', { body: ' '.repeat(1e6 + 1) }, 'UNSUPPORTED'],
  ])('%s', async (_, answer, code) => {
    await withScript(
      () => answer,
      async (storage, nameNode) => {
        await expect(storage.stat('x', signal)).rejects.toMatchObject({ code });
        expect(nameNode.seen).toEqual(['GET GETFILESTATUS']);
      },
    );
  });

  it('of a change, more than can be taken leaves open what was done', async () => {
    await withScript(
      () => ({ body: ' '.repeat(1e6 + 1) }),
      async (storage) => {
        const removal = storage.remove('x', { recursive: true }, signal);
        await expect(removal).rejects.toMatchObject({ code: 'UNREACHABLE', outcome: 'unknown' });
      },
    );
  });

  it('a body that breaks off', async () => {
    await withScript(
      (_query, _request, response) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('{"FileStatus":', () => response.destroy());
        return undefined;
      },
      async (storage) => {
        await expect(storage.stat('x', signal)).rejects.toMatchObject({ code: 'UNREACHABLE' });
      },
    );
  });

  it('bytes that are no HTTP', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('220 mail\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await using storage = await openStorage([`127.0.0.1:${port}`]);
    await expect(storage.stat('x', signal)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    server.close();
  });

  it('messages hold neither token nor user, and are one line', async () => {
    await using nameNode = await ScriptedNameNode.open((query) => {
      const who = query.get('delegation') ?? query.get('user.name');
      return remoteFailure(403, 'InvalidToken', `token ${who}\nis none\r\n`);
    });
    for (const credentials of [{ delegation: 'geheim' }, { user: 'geheim' }]) {
      await using storage = await openStorage([nameNode.address], { credentials });
      const failure = await storage.stat('x\n', signal).catch((error: Error) => error.message);
      expect(failure).toBe(
        `GETFILESTATUS "/x\\n" of http://${nameNode.address}: InvalidToken: token *** is none `,
      );
    }
  });
});

describe('a server that is slow', () => {
  it('is left when the caller gives up, without a trace', async () => {
    const controller = new AbortController();
    const reason = new Error('given up');
    await withScript(
      () => {
        controller.abort(reason);
        return undefined;
      },
      async (storage) => {
        await expect(storage.stat('x', controller.signal)).rejects.toBe(reason);
        expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      },
    );
  });

  it('is left in the middle of an answer too', async () => {
    const controller = new AbortController();
    const reason = new Error('given up');
    await withScript(
      (_query, _request, response) => {
        response.write('{"FileStatus":', () => setImmediate(() => controller.abort(reason)));
        return undefined;
      },
      async (storage) => {
        await expect(storage.stat('x', controller.signal)).rejects.toBe(reason);
        expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      },
    );
  });

  it('gives no answer in time', async () => {
    await using nameNode = await ScriptedNameNode.open(() => undefined);
    await using storage = await openStorage([nameNode.address], { answerTimeoutMs: 1 });
    await expect(storage.stat('x', signal)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('is left when the storage is closed', async () => {
    await withScript(
      () => undefined,
      async (storage) => {
        const answer = storage.stat('x', signal).catch((error: unknown) => error);
        await storage.close();
        expect(await answer).toMatchObject({ code: 'UNREACHABLE' });
      },
    );
  });
});

describe('several NameNodes', () => {
  it('the one that serves is found, and asked first from then on', async () => {
    await using standby = await ScriptedNameNode.open(() => STANDBY);
    await using active = await ScriptedNameNode.open(() => DIRECTORY);
    await using storage = await openStorage([await deadAddress(), standby.address, active.address]);
    for (let i = 0; i < 3; i++) expect((await storage.stat('', signal))?.type).toBe('directory');
    expect([standby.seen.length, active.seen.length]).toEqual([1, 3]);
  });

  it('what the one that serves refuses is final', async () => {
    await using first = await ScriptedNameNode.open(() => ABSENT);
    await using second = await ScriptedNameNode.open(() => DIRECTORY);
    await using storage = await openStorage([first.address, second.address]);
    expect(await storage.stat('x', signal)).toBeUndefined();
    expect(second.seen).toEqual([]);
  });

  it('each is asked once while all stand by', async () => {
    await using first = await ScriptedNameNode.open(() => STANDBY);
    await using second = await ScriptedNameNode.open(() => STANDBY);
    await using storage = await openStorage([first.address, second.address]);
    await expect(storage.stat('', signal)).rejects.toMatchObject({ code: 'BUSY' });
    expect([...first.seen, ...second.seen]).toHaveLength(2);
  });

  it('one that stands by while the other is gone may serve soon', async () => {
    await using second = await ScriptedNameNode.open(() => STANDBY);
    await using storage = await openStorage([await deadAddress(), second.address]);
    await expect(storage.remove('x', { recursive: true }, signal)).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringMatching(/ECONNREFUSED.*; .*StandbyException/),
    });
  });

  it('all gone', async () => {
    await using storage = await openStorage([await deadAddress(), await deadAddress()]);
    await expect(storage.stat('', signal)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('one that takes a change and gives no answer is not passed over, but the next time', async () => {
    await using first = await ScriptedNameNode.open((_query, request) => {
      request.socket.destroy();
      return undefined;
    });
    await using second = await ScriptedNameNode.open(() => ({ body: { boolean: true } }));
    await using storage = await openStorage([first.address, second.address]);
    const remove = () => storage.remove('x', { recursive: false }, signal);
    await expect(remove()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(second.seen).toEqual([]);
    await remove();
    expect(first.seen).toHaveLength(1);
  });

  it('others are sent to the one that serves', async () => {
    await using standby = await ScriptedNameNode.open(() => STANDBY);
    await using active = await ScriptedNameNode.open(() => DIRECTORY);
    await using storage = await openStorage([standby.address, active.address]);
    expect(await storage.location('a b', 'read', signal)).toEqual({
      kind: 'url',
      method: 'GET',
      location: `http://${active.address}/webhdfs/v1/a%20b?op=OPEN&user.name=alice`,
    });
  });
});

describe('locations', () => {
  it('hold no token', async () => {
    const credentials = { delegation: 'geheim' };
    await using storage = await openStorage(['127.0.0.1:1'], { credentials });
    expect((await storage.location('f', 'write', signal)).location).toBe(
      'http://127.0.0.1:1/webhdfs/v1/f?op=CREATE&overwrite=true&createparent=false',
    );
  });
});

describe('listings', () => {
  it('in batches, each behind the last name before', async () => {
    await withScript(
      (query) => {
        expect(query.get('op')).toBe('LISTSTATUS_BATCH');
        return query.get('startAfter') === 'b&' ? batch(['c'], 0) : batch(['a', 'b&'], 1);
      },
      async (storage) => {
        const names = (await pagesOf(storage, '')).map(({ entries }) => entries.map((e) => e.name));
        expect(names).toEqual([['a', 'b&'], ['c']]);
      },
    );
  });

  it('large batches come in pages, without what no tree holds', async () => {
    const names = Array.from({ length: 2500 }, (_, i) => `f${i}`);
    await withScript(
      () => batch([...names, 'a:b', '..'], 0),
      async (storage) => {
        const pages = await pagesOf(storage, '');
        expect(pages.map(({ entries }) => entries.length)).toEqual([1000, 1000, 500]);
        expect(pages.flatMap(({ skipped }) => skipped.map(({ name }) => name))).toEqual([
          'a:b',
          '..',
        ]);
      },
    );
  });

  it('all at once from a server that knows no batches', async () => {
    await withScript(
      (query) =>
        query.get('op') === 'LISTSTATUS'
          ? { body: { FileStatuses: { FileStatus: [fileStatus('a'), fileStatus('b')] } } }
          : remoteFailure(400, 'IllegalArgumentException', 'Invalid value for parameter "op"'),
      async (storage) => {
        const [page] = await pagesOf(storage, '');
        expect(page?.entries.map(({ name }) => name)).toEqual(['a', 'b']);
      },
    );
  });

  it.each([
    ['begins anew', batch(['a', 'b'], 1)],
    ['stands still', batch([], 1)],
    ['has no names', { body: { DirectoryListing: { partialListing: {}, remainingEntries: 0 } } }],
  ])('one that %s is none', async (_, answer) => {
    await withScript(
      () => answer,
      async (storage) => {
        await expect(pagesOf(storage, '')).rejects.toMatchObject({ code: 'UNREACHABLE' });
      },
    );
  });
});

describe('a server that knows no renameoptions, as HttpFS', () => {
  /** Answers renames with a boolean, and has of paths those given, with their types. */
  function httpFs(
    renamed: boolean,
    types: Readonly<Record<string, string>>,
    afterRename: Readonly<Record<string, string>> = types,
  ): NameNodeScript {
    let present = types;
    return (query, request) => {
      if (query.get('op') === 'RENAME') {
        present = afterRename;
        return { body: { boolean: renamed } };
      }
      const type = present[new URL(request.url ?? '', 'http://any').pathname.slice(12)];
      return type === undefined ? ABSENT : { body: { FileStatus: fileStatus('', type) } };
    };
  }

  it.each<[string, NameNodeScript, StorageErrorCode]>([
    ['the source', httpFs(false, { d: 'DIRECTORY' }), 'NOT_FOUND'],
    ['the directory', httpFs(false, { s: 'FILE' }), 'NOT_FOUND'],
    ['a directory', httpFs(false, { s: 'FILE', d: 'FILE' }), 'NOT_A_DIRECTORY'],
    ['the place', httpFs(true, { s: 'FILE', d: 'DIRECTORY', 'd/t': 'FILE' }), 'ALREADY_EXISTS'],
    [
      'the place by now',
      httpFs(false, {}, { s: 'FILE', d: 'DIRECTORY', 'd/t': 'FILE' }),
      'ALREADY_EXISTS',
    ],
    ['any reason', httpFs(false, { s: 'FILE', d: 'DIRECTORY' }), 'FAILED'],
  ])('misses %s', async (_, script, code) => {
    await withScript(script, async (storage) => {
      await expect(storage.rename('s', 'd/t', signal)).rejects.toMatchObject({ code });
    });
  });

  it('renames', async () => {
    await withScript(httpFs(true, { s: 'FILE', d: 'DIRECTORY' }), async (storage, nameNode) => {
      await storage.rename('s', 'd/t', signal);
      expect(nameNode.seen).toEqual(['GET GETFILESTATUS', 'PUT RENAME']);
    });
  });
});
