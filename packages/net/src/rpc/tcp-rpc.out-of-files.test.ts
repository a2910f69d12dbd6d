import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Listener } from '../endpoint/listener.js';
import { TcpRpcNetwork } from './tcp-rpc.js';

/** Opens all the files that it may, and says why it can't connect then. */
const WITHOUT_FILES = `
  import { openSync } from 'node:fs';
  import { TcpRpcNetwork } from '${new URL('./tcp-rpc.js', import.meta.url)}';
  const network = new TcpRpcNetwork();
  try { for (;;) openSync('/dev/null', 'r'); } catch {}
  await network.connect('127.0.0.1:1').catch(({ code, message }) => console.log(code, message));
`;

describe('a connection', () => {
  it('that lacks a file says whose limit is reached', async () => {
    const script = ['--input-type=module', '--eval', WITHOUT_FILES];
    const limited = ['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath, ...script];
    const { stdout } = await promisify(execFile)('/bin/sh', limited);
    expect(stdout).toBe(
      'RPC_NOT_SENT not connected to 127.0.0.1:1: this process can open no more files (EMFILE): ' +
        'raise the limit (ulimit -n)\n',
    );
  });

  it('that is closed without a word may lack one at the server', async () => {
    const listener = await Listener.open(
      '127.0.0.1:0',
      (socket) => socket.resume().end(),
      () => {},
    );
    await expect(new TcpRpcNetwork().connect(listener.address)).rejects.toMatchObject({
      code: 'RPC_NOT_SENT',
      message: expect.stringMatching(
        /: closed before it was greeted: another program .* or the server can open no more files/,
      ),
    });
    await listener.close();
  });
});
