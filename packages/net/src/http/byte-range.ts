/** What a client asked for by its headers, of something that is so long and has such a tag. */
export type SelectedRange =
  | { readonly status: 200; readonly first: 0; readonly last: number }
  | { readonly status: 206; readonly first: number; readonly last: number }
  /** None of the bytes that were asked for are there. */
  | { readonly status: 416 }
  /** It is not what `If-Match` names. */
  | { readonly status: 412 };

/** Headers by their names in lower case. */
export type HttpHeaders = Readonly<Record<string, string | undefined>>;

/**
 * What to answer with (RFC 9110, sections 13 and 14). One range of bytes is served; several at once,
 * other units, and what is no range are answered with the whole, as the RFC allows. `etag` is a
 * strong one, in its quotes.
 */
export function selectRange(
  headers: HttpHeaders,
  lengthBytes: number,
  etag: string,
): SelectedRange {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && !names(ifMatch, etag)) return { status: 412 };
  const whole = { status: 200, first: 0, last: lengthBytes - 1 } as const;
  const { range, 'if-range': ifRange } = headers;
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== etag)) return whole;
  const match = /^\s*bytes\s*=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(range);
  const [from, to] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (from === '' && to === '') return whole;
  if (from === '') {
    const first = Math.max(0, lengthBytes - Number(to));
    return partial(first, lengthBytes - 1, lengthBytes);
  }
  const last = to === '' ? lengthBytes - 1 : Number(to);
  if (to !== '' && last < Number(from)) return whole;
  return partial(Number(from), Math.min(last, lengthBytes - 1), lengthBytes);
}

function partial(first: number, last: number, lengthBytes: number): SelectedRange {
  return first < lengthBytes ? { status: 206, first, last } : { status: 416 };
}

/** Whether a list of tags has this one, or is `*`. Weak ones (`W/"..."`) are never the same. */
function names(list: string, etag: string): boolean {
  const tags = list.split(',').map((tag) => tag.trim());
  return tags.includes('*') || tags.includes(etag);
}

/** The `Content-Range` of an answer with status 206. */
export function contentRange(first: number, last: number, lengthBytes: number): string {
  return `bytes ${first}-${last}/${lengthBytes}`;
}

/** What a `Content-Range` says; undefined for what says nothing, or not how long the whole is. */
export function parseContentRange(
  header: string | undefined,
): { readonly first: number; readonly last: number; readonly lengthBytes: number } | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header ?? '');
  if (match === null) return undefined;
  const [first, last, lengthBytes] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return first <= last && last < lengthBytes ? { first, last, lengthBytes } : undefined;
}
