import type { Command } from 'commander';
import { displayBytes } from '../../display-names.js';
import type { ContentLocation } from '../../namespace/queries/locate-content.js';
import { NO_BYTES, textFromByteString } from '../../namespace/tree/byte-string.js';
import { argumentBytes, argumentInteger } from '../arguments.js';
import { durationText } from '../duration-text.js';
import { type FsOptions, type FsSession, fsCommand, type PathArgument } from './fs-command.js';

/** `fs` commands about the contents of files in mounts, which lie in their storages. */
export function contentCommands(): readonly Command[] {
  return [locationCommand(), completeCommand()];
}

function locationCommand(): Command {
  return fsCommand<FsOptions & { write?: boolean }>(
    'location <path...>',
    'where the contents of files in mounts are read',
    (session, paths, options) =>
      session.each(paths, (argument) => showLocation(session, argument, options.write === true)),
  ).option('--write', 'where that of a file that is not complete yet is written');
}

async function showLocation(
  session: FsSession,
  argument: PathArgument,
  writes: boolean,
): Promise<void> {
  const { path } = argument;
  const found = await session.client.location(path, writes ? 'write' : 'read');
  if (session.json) {
    const [location, fingerprint] = [found.location, found.fingerprint].map(textFromByteString);
    await session.output.json({ path: textFromByteString(path), ...found, location, fingerprint });
  } else for (const line of locationLines(found)) await session.output.line(line);
}

/** Where a content is, as a person reads it: alone in its line, but for a request's method before a URL. */
export function locationLines({ location, method, validMs }: ContentLocation): readonly string[] {
  const request = method === undefined ? '' : `${method} `;
  const good = validMs === undefined ? [] : [`good for ${durationText(validMs)}`];
  return [`${request}${displayBytes(location)}`, ...good];
}

function completeCommand(): Command {
  return fsCommand<FsOptions & { size: string; fingerprint?: string }>(
    'complete <path>',
    'say that the content of a file in a mount was written; the storage has to have it so',
    async (session, [text = ''], options) => {
      const size = argumentInteger(options.size, '--size', 0, Number.MAX_SAFE_INTEGER);
      const escaped = options.escaped === true;
      const fingerprint =
        options.fingerprint === undefined ? NO_BYTES : argumentBytes(options.fingerprint, escaped);
      const argument = session.path(text);
      await session.run({ kind: 'complete', path: argument.path, size, fingerprint }, argument);
    },
  )
    .requiredOption('--size <bytes>', 'of the content')
    .option('--fingerprint <text>', 'of the content, as the storage told it, such as an ETag');
}
