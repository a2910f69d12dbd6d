// Formatted code is regular enough to find imports without a parser.
const STATEMENT = /^(?:import|export)\b[^'"`;=]*?\bfrom\s*['"]([^'"]+)['"]/gm;
const FOR_EFFECT = /^import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;
/** How a worker thread or a child process names the module that it runs. */
const MODULE_URL = /\bnew URL\(\s*['"](\.[^'"]+\.js)['"]\s*,\s*import\.meta\.url/g;
const COMMENT_OR_STRING =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g;

/**
 * @param {string} text TypeScript
 * @returns {string[]} each module that it imports, re-exports or starts, once
 */
export function importsIn(text) {
  const code = withoutComments(text);
  const found = [STATEMENT, FOR_EFFECT, DYNAMIC, MODULE_URL].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => match[1] ?? ''),
  );
  return [...new Set(found)];
}

/**
 * @param {string} text TypeScript
 * @returns {string} the same without comments and without what strings hold
 */
export function codeOf(text) {
  return text.replace(COMMENT_OR_STRING, (found) => (isComment(found) ? '' : "''"));
}

/** @param {string} text */
function withoutComments(text) {
  return text.replace(COMMENT_OR_STRING, (found) => (isComment(found) ? '' : found));
}

/** @param {string} found */
function isComment(found) {
  return found.startsWith('/*') || found.startsWith('//');
}
