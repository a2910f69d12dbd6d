import type { CallError } from '../histories/history-event.js';

/** Of an error's text, characters at most: a history holds very many. */
const MAX_MESSAGE_CHARACTERS = 300;

/** What a history says of an error: its own code where it has one, else its name. */
export function callError(error: unknown): CallError {
  if (!(error instanceof Error)) return { code: 'ERROR', message: cut(String(error)) };
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return {
    code: codeOf(error) ?? codeOf(error.cause) ?? error.name,
    message: cut(`${error.message}${cause}`),
  };
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function cut(text: string): string {
  return text.length <= MAX_MESSAGE_CHARACTERS
    ? text
    : `${text.slice(0, MAX_MESSAGE_CHARACTERS)}...`;
}
