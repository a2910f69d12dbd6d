import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Where content is written to. */
export interface ContentPlace {
  readonly kind: string;
  readonly location: string;
  readonly method?: string | undefined;
}

/** Writes as many bytes to where a file's content is to be. Rejects where that is not known to have been done. */
export async function writeContent(
  { kind, location, method = 'PUT' }: ContentPlace,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  const content = 'x'.repeat(size);
  if (kind === 'path') await writeFile(location, content, { signal });
  else await send(location, method, content, signal);
}

/** Sends it, and once more to where that leads: an HDFS says `100 Continue` unasked, which `fetch` takes for the end. */
async function send(
  url: string,
  method: string,
  content: string,
  signal: AbortSignal,
): Promise<void> {
  const sent = request(url, { method, signal, agent: false });
  // Also after the answer began: whoever reads it is told.
  sent.on('error', () => {});
  sent.end(content);
  const [answer] = (await once(sent, 'response', { signal })) as [IncomingMessage];
  const told = await text(answer);
  const { statusCode = 0, headers } = answer;
  if (statusCode === 307 && headers.location !== undefined) {
    await send(headers.location, method, content, signal);
  } else if (statusCode < 200 || statusCode > 299) throw new Error(`${statusCode} ${told}`);
}
