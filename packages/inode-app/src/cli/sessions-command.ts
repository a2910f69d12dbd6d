import type { SessionSummary } from '@raft-ts/statemachine';
import { Command } from 'commander';
import { endSessions, readSessions } from '../client/cluster-sessions.js';
import type { ConnectOptions } from '../client/connect.js';
import { clientAddresses } from './addresses.js';
import { argumentInteger, argumentTimeout } from './arguments.js';
import { addConnectionOptions, type ConnectionOptions } from './connection-options.js';
import { ExitCode } from './exit-code.js';
import { counted } from './load/load-summary.js';
import { Output } from './output.js';
import { reporting } from './report.js';
import { type Column, formatTable } from './table.js';

const TIMEOUT_SECONDS = 10;

/** `inode-app sessions`: whose commands the cluster keeps apart, and how to end one. */
export function sessionsCommand(): Command {
  const list = new Command('list')
    .description('the sessions of all clients')
    .action((options: ConnectionOptions) => reporting(options.json, () => showSessions(options)));
  const end = new Command('end')
    .description('end sessions: their clients open others, and what is under way is left unknown')
    .argument('<ids...>', 'as `sessions` lists them')
    .action((ids: readonly string[], options: ConnectionOptions) =>
      reporting(options.json, () => endNamed(ids, options)),
    );
  return new Command('sessions')
    .description("clients' sessions: list them, end them")
    .addCommand(addConnectionOptions(list, TIMEOUT_SECONDS), { isDefault: true })
    .addCommand(addConnectionOptions(end, TIMEOUT_SECONDS));
}

async function showSessions(options: ConnectionOptions): Promise<ExitCode> {
  const sessions = await readSessions(connection(options));
  const output = new Output(process.stdout);
  const lines =
    options.json === true ? sessions.map((one) => JSON.stringify(one)) : sessionsText(sessions);
  for (const line of lines) await output.line(line);
  await output.flush();
  return ExitCode.Ok;
}

async function endNamed(texts: readonly string[], options: ConnectionOptions): Promise<ExitCode> {
  const ids = texts.map((text) => argumentInteger(text, 'session id', 1, Number.MAX_SAFE_INTEGER));
  await endSessions(connection(options), ids);
  const text = `${counted(ids.length, 'session', 'sessions')} ended`;
  await new Output(process.stdout).result(options.json, { ended: ids }, [text]);
  return ExitCode.Ok;
}

function connection({ addresses, timeout }: ConnectionOptions): ConnectOptions {
  return {
    addresses: clientAddresses(addresses, process.env),
    timeoutMs: argumentTimeout(timeout),
  };
}

const COLUMNS: readonly Column<SessionSummary>[] = [
  { heading: 'session', align: 'right', cell: ({ id }) => `${id}` },
  { heading: 'host', cell: ({ host }) => host },
  { heading: 'idle', align: 'right', cell: ({ idleMs }) => `${Math.round(idleMs / 1000)} s` },
  { heading: 'results', align: 'right', cell: ({ savedResults }) => `${savedResults}` },
  { heading: 'bytes', align: 'right', cell: ({ savedBytes }) => `${savedBytes}` },
];

/** The sessions as a person reads them. */
export function sessionsText(sessions: readonly SessionSummary[]): readonly string[] {
  const count = counted(sessions.length, 'session', 'sessions');
  return sessions.length === 0 ? [count] : [count, ...formatTable(COLUMNS, sessions)];
}
