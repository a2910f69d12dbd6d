import { Command } from 'commander';
import type { ByteClient } from '../../client/byte-client.js';
import { displayBytes } from '../../display-names.js';
import { argumentInvalid } from '../../errors.js';
import { NEVER_AGAIN } from '../../namespace/mounts/mount.js';
import { PROFILE, URI } from '../../namespace/mounts/mount-fields.js';
import { type ByteString, NO_BYTES, textFromByteString } from '../../namespace/tree/byte-string.js';
import { argumentPath, argumentText } from '../arguments.js';
import {
  addConnectionOptions,
  type ConnectionOptions,
  connectWith,
} from '../connection-options.js';
import { ExitCode } from '../exit-code.js';
import { Output } from '../output.js';
import { reporting } from '../report.js';
import { argumentOptions, argumentSyncInterval, gathered } from './mount-arguments.js';

const TIMEOUT_SECONDS = 10;

const INTERVAL_HELP =
  'how old what is known may be, milliseconds; 0: look each time; -1: never look again';

interface MountCommandOptions extends ConnectionOptions {
  readonly escaped?: boolean;
  readonly profile?: string;
  readonly syncInterval?: string;
  readonly option: readonly string[];
}

/** `inode-app mount`: makes directories places in other storage systems, and changes how they are. */
export function mountCommand(): Command {
  return new Command('mount')
    .description('make a directory a place in another storage system; change how it is')
    .addCommand(addCommand(), { isDefault: true })
    .addCommand(updateCommand())
    .addHelpText(
      'after',
      '\n`mount PATH URI` is `mount add PATH URI`: see inode-app mount add --help',
    );
}

function addCommand(): Command {
  return mountOptions(new Command('add'))
    .description('make a directory a place in another storage system; nothing is there before')
    .argument('<path>', 'of the tree; nothing is there, or an empty directory')
    .argument('<uri>', 'file:///DIRECTORY, s3://BUCKET/PREFIX, webhdfs://HOST:PORT/DIRECTORY')
    .option('--sync-interval <ms>', INTERVAL_HELP, `${NEVER_AGAIN}`)
    .option('--read-only', 'refuse changes through the tree')
    .option('--shared', 'though the place overlaps with one that is mounted already')
    .action((path: string, uri: string, options: AddOptions) => {
      const { readOnly = false, shared = false, profile = '', syncInterval } = options;
      return changing(path, options, 'mounted', async (client, at) => {
        const described = {
          uri: URI.fromText(argumentText(uri, 'the URI'), 'the URI'),
          profile: PROFILE.fromText(profile, '--profile'),
          options: argumentOptions(options.option),
        };
        const syncIntervalMs = argumentSyncInterval(syncInterval);
        const named = await client.namedPlace(described);
        return await client.runOne({
          kind: 'mount',
          path: at,
          ...described,
          ...named,
          readOnly,
          shared,
          syncIntervalMs,
        });
      });
    });
}

interface AddOptions extends MountCommandOptions {
  readonly syncInterval: string;
  readonly readOnly?: boolean;
  readonly shared?: boolean;
}

function updateCommand(): Command {
  return mountOptions(new Command('update'))
    .description('change what is given of a mount, or the sync interval of a path within one')
    .argument('<path>')
    .option('--sync-interval <ms>', `${INTERVAL_HELP}; inherit: as the directory above`)
    .option('--read-only', 'refuse changes through the tree')
    .option('--read-write', 'take them')
    .option('--no-profile', 'use none')
    .option('--no-options', 'take all options back')
    .action((path: string, options: UpdateOptions) =>
      changing(path, options, 'updated', (client, at) =>
        client.runOne({ kind: 'updateMount', path: at, ...askedChanges(options) }),
      ),
    );
}

interface UpdateOptions extends Omit<MountCommandOptions, 'profile'> {
  /** False: none. */
  readonly profile?: string | false;
  /** False: none. */
  readonly options: boolean;
  readonly readOnly?: boolean;
  readonly readWrite?: boolean;
}

function askedChanges(options: UpdateOptions) {
  const { readOnly, readWrite, profile, syncInterval, option } = options;
  if (readOnly === true && readWrite === true) {
    throw argumentInvalid('--read-only and --read-write exclude each other');
  }
  if (option.length > 0 && !options.options) {
    throw argumentInvalid('--option and --no-options exclude each other');
  }
  const changes = {
    readOnly: readOnly ?? (readWrite === true ? false : undefined),
    profile: profile === false ? NO_BYTES : givenProfile(profile),
    syncIntervalMs: givenInterval(syncInterval),
    options: option.length > 0 || !options.options ? argumentOptions(option) : undefined,
  };
  if (Object.values(changes).some((each) => each !== undefined)) return changes;
  throw argumentInvalid('say what to change: see inode-app mount update --help');
}

function givenProfile(profile: string | undefined): ByteString | undefined {
  if (profile === undefined) return undefined;
  return PROFILE.fromText(argumentText(profile, '--profile'), '--profile');
}

function givenInterval(text: string | undefined): number | 'inherit' | undefined {
  return text === undefined || text === 'inherit' ? text : argumentSyncInterval(text);
}

function mountOptions(command: Command): Command {
  return escapedPaths(addConnectionOptions(command, TIMEOUT_SECONDS))
    .option('--profile <name>', 'of credentials, which each master has in its own --profiles')
    .option('--option <name=value>', 'of the storage; again for each', gathered, []);
}

function escapedPaths(command: Command): Command {
  return command.option('--escaped', 'paths are typed as they are printed: \\\\, \\n, \\xff');
}

/** `inode-app unmount`. */
export function unmountCommand(): Command {
  return escapedPaths(addConnectionOptions(new Command('unmount'), TIMEOUT_SECONDS))
    .description('take a mount out of the tree; nothing changes in the storage')
    .argument('<path>')
    .option('--force', 'though changes are under way there, whose outcome nobody will know')
    .action((path: string, options: ConnectionOptions & { escaped?: boolean; force?: boolean }) =>
      changing(path, options, 'unmounted', (client, at) =>
        client.unmount(at, options.force === true),
      ),
    );
}

/** Changes what is mounted at a path, and says what came of it. */
function changing(
  text: string,
  options: ConnectionOptions & { readonly escaped?: boolean },
  done: string,
  change: (client: ByteClient, path: ByteString) => Promise<number>,
): Promise<void> {
  return reporting(options.json, async () => {
    const path = argumentPath(text, options.escaped === true);
    await using client = connectWith(options);
    const id = await change(client, path);
    const said = { path: textFromByteString(path), id };
    await new Output(process.stdout).result(options.json, said, [`${displayBytes(path)} ${done}`]);
    return ExitCode.Ok;
  });
}
