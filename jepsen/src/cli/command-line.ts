/** In a shell, words of other characters need quotes. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** A command of this tool as a person types it who began this process. */
export function commandLine(...words: readonly (string | number)[]): string {
  const program = process.env.npm_lifecycle_event === 'npx' ? 'npx jepsen' : 'npm run jepsen --';
  return [program, ...words.map((word) => quoted(`${word}`))].join(' ');
}

function quoted(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
