import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { JepsenError } from '../errors.js';
import { StoreSite } from '../report/site/store-site.js';
import { ExitCode } from './exit-code.js';
import { untilInterrupted } from './interruption.js';
import { writeLines } from './output.js';

interface ServeOptions {
  readonly store: string;
  readonly port: number;
  readonly listen: string;
}

const DEFAULT_PORT = 8098;

/** `jepsen serve`. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('shows the tests of a store, their reports, histories and logs in a browser')
    .option('--store <directory>', 'where tests are kept', 'jepsen/store')
    .option('--port <number>', 'to listen at; 0: any that is free', portNumber, DEFAULT_PORT)
    .option('--listen <host>', 'whoever reaches it can read the whole store', '127.0.0.1')
    .action(async (options: ServeOptions) => {
      await untilInterrupted((signal) => serve(options, signal));
      process.exitCode = ExitCode.Valid;
    });
}

/** Until the signal. Rejects with STORE_FAILED, OPTIONS_INVALID. */
async function serve({ store, port, listen }: ServeOptions, signal: AbortSignal): Promise<void> {
  const found = await stat(store).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new JepsenError('STORE_FAILED', `there is no directory ${store}: name one with --store`);
  }
  await using site = await StoreSite.open({ store, host: listen, port });
  await writeLines(process.stdout, [`The tests in ${store} are shown at ${site.address}`]);
  if (!signal.aborted) await once(signal, 'abort');
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It is a number from 0 to 65535.');
}
