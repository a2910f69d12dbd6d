/**
 * @typedef {object} TextRule
 * @property {RegExp} pattern what a line must not hold
 * @property {RegExp} files the files it goes for
 * @property {string} message
 */

const TESTS = /\.test\.(ts|mjs)$/;
const ANY = /(^|\/)[^/]+$/;
/** Tests of a tree of files may well speak of /home. */
const NO_TESTS = /^(?!.*\.test\.).*$/;

/**
 * @param {{ checkout: string, home: string }} directories of this machine
 * @returns {readonly TextRule[]}
 */
export function textRules({ checkout, home }) {
  return [
    {
      pattern: /\b(describe|it|test|suite)(\.\w+)*\.(only|skip|todo|fails|skipIf|runIf)\b/,
      files: TESTS,
      message: 'every test runs, always',
    },
    {
      pattern: /\b(it|test|describe)\(.*\bretry\s*:/,
      files: TESTS,
      message: 'a test that needs to be tried again is wrong, or has found something',
    },
    {
      pattern:
        /\bexpect\(.*\b(Date\.now|performance\.now|hrtime|elapsed\w*|took\w*)\b.*\.toBe(Less|Greater)/,
      files: TESTS,
      message: 'a test must not depend on how fast the machine is',
    },
    {
      pattern: /\b(it|test|describe)\(.*\btimeout\s*:|^\s*\}, (\d[\d_]{3,}|[A-Z_]*MS)\);$/,
      files: TESTS,
      message: 'a test has no limit of time; one that takes long calls `progress()`',
    },
    {
      pattern: /^(<{7}|>{7}|={7})( |$)/,
      files: ANY,
      message: 'what a merge left behind',
    },
    {
      pattern: /(\/\/|\*|<!--).*\b(TODO|FIXME|XXX|HACK)\b/,
      files: ANY,
      message: 'unfinished work does not belong in the code',
    },
    {
      pattern: /\/(home|Users)\/\w/,
      files: NO_TESTS,
      message: 'a path of one machine',
    },
    ...[checkout, home].filter(isTelling).map((directory) => ({
      pattern: new RegExp(`${directory.replace(/[^\w/-]/g, '\\$&')}\\b`),
      files: directory === home ? NO_TESTS : ANY,
      message: 'a path of this machine',
    })),
  ];
}

/** Whether no one would write this path for another reason. @param {string} directory */
function isTelling(directory) {
  return directory.split('/').length > 2;
}
