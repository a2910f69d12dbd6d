import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

/**
 * Sends content to a URL, and once more to where that leads. Resolves with the text of the answer; rejects unless it is of
 * success. A DataNode of HDFS says `100 Continue` unasked, which `fetch` takes for the end.
 */
export async function sendContent(url: string, method: string, content: string): Promise<string> {
  const { protocol } = new URL(url);
  const request = (protocol === 'https:' ? httpsRequest : httpRequest)(url, { method });
  request.end(content);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const told = await text(answer);
  const { statusCode = 0, headers } = answer;
  if (statusCode === 307 && headers.location !== undefined) {
    return sendContent(headers.location, method, content);
  }
  if (statusCode < 200 || statusCode > 299) throw new Error(`${method}: ${statusCode} ${told}`);
  return told;
}
