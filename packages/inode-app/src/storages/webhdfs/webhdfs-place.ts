import type { ParsedPlace, StorageOptions } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { refuseUnknownOptions } from '../storage-options.js';
import { encodedPath, hdfsNameFault, hdfsPathFault } from './hdfs-path.js';

export type WebHdfsScheme = 'webhdfs' | 'swebhdfs';

export interface WebHdfsPlace extends ParsedPlace {
  /** Where the NameNodes answer, in the order in which they are tried: `http://nn1:9870`. */
  readonly origins: readonly string[];
  /** The directory, from the root `/`. */
  readonly directory: string;
}

/** NameNodes of one place. */
const MAX_NAME_NODES = 16;
const DEFAULT_PORTS = { webhdfs: 9870, swebhdfs: 9871 } as const;
const PROTOCOLS = { webhdfs: 'http', swebhdfs: 'https' } as const;
const OPTIONS = ['namenodes'];

/**
 * Understands `webhdfs://NAMENODE[,NAMENODE...]/DIRECTORY`, a NameNode being `HOST[:PORT]`. With the option `namenodes`,
 * a list of them, the URI holds a name of the cluster in their stead, which stays when they move. Throws INVALID.
 */
export function parseWebHdfsPlace(
  scheme: WebHdfsScheme,
  uri: string,
  options: StorageOptions,
): WebHdfsPlace {
  refuseUnknownOptions(options, OPTIONS);
  const [, authority, rest = ''] = new RegExp(`^${scheme}://([^/?#]+)(.*)$`, 's').exec(uri) ?? [];
  if (authority === undefined) throw invalid(`give ${scheme}://NAMENODE:PORT/DIRECTORY`);
  if (authority.includes('@')) {
    throw invalid(`credentials don't belong in a URI: put them into a profile`);
  }
  const directory = parseDirectory(rest);
  const named = options.namenodes !== undefined;
  const nameNodes = parseNameNodes(scheme, options.namenodes ?? authority);
  const cluster = named ? parseCluster(authority) : nameNodes.join(',');
  const path = encodedPath(directory);
  return {
    uri: `${scheme}://${cluster}${path}`,
    // The same by either scheme, and in whatever order.
    place: `hdfs://${named ? cluster : nameNodes.toSorted().join(',')}${path === '/' ? '' : path}`,
    origins: nameNodes.map((nameNode) => `${PROTOCOLS[scheme]}://${nameNode}`),
    directory,
  };
}

function parseNameNodes(scheme: WebHdfsScheme, list: string): string[] {
  const nameNodes = list.split(',').map((nameNode) => parseNameNode(scheme, nameNode.trim()));
  if (nameNodes.length > MAX_NAME_NODES) throw invalid(`more than ${MAX_NAME_NODES} NameNodes`);
  if (new Set(nameNodes).size < nameNodes.length) throw invalid('a NameNode is named twice');
  return nameNodes;
}

function parseNameNode(scheme: WebHdfsScheme, text: string): string {
  const [, host, port = String(DEFAULT_PORTS[scheme])] =
    /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  const number = Number(port);
  if (host === undefined || number < 1 || number > 65_535) {
    throw invalid(`${JSON.stringify(text)} is no NameNode: give HOST:PORT, several with commas`);
  }
  return `${host.toLowerCase()}:${number}`;
}

function parseCluster(authority: string): string {
  if (!/^[A-Za-z0-9._-]+$/.test(authority)) {
    throw invalid(
      `beside the option namenodes the URI holds a name of the cluster, and neither ports nor commas`,
    );
  }
  return authority.toLowerCase();
}

function parseDirectory(rest: string): string {
  if (/[?#]/.test(rest)) throw invalid('write ? as %3F and # as %23 in the directory');
  const names = rest.split('/').filter(Boolean).map(decodedName);
  const directory = `/${names.join('/')}`;
  const fault = names.map(hdfsNameFault).find(Boolean) ?? hdfsPathFault(directory);
  if (fault !== undefined) throw invalid(`in the directory, ${fault}`);
  return directory;
}

function decodedName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (cause) {
    throw invalid('the directory is not percent-encoded: write % as %25', cause);
  }
}

function invalid(reason: string, cause?: unknown): StorageError {
  return new StorageError('INVALID', `no place in HDFS: ${reason}`, { cause });
}
