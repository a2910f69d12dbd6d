import { expect, test } from 'vitest';
import { countTests, namesOfTimedOut } from './vitest-report.mjs';

/**
 * @param {string} status
 * @param {string[]} tests
 */
function file(status, ...tests) {
  return { status, assertionResults: tests.map((each) => ({ status: each })) };
}

test('tests are counted over all files', () => {
  const testResults = [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')];
  expect(countTests({ testResults }, false)).toEqual({ passed: 3, failed: 1 });
});

test('a file that could not be loaded has failed once', () => {
  const testResults = [file('passed', 'passed'), file('failed')];
  expect(countTests({ testResults }, false)).toEqual({ passed: 1, failed: 1 });
});

test('a test that was not run has failed', () => {
  const testResults = [file('passed', 'passed', 'pending')];
  expect(countTests({ testResults }, true)).toEqual({ passed: 1, failed: 1 });
});

test('an error outside of the tests has failed', () => {
  expect(countTests({ testResults: [file('passed', 'passed')] }, false)).toEqual({
    passed: 1,
    failed: 1,
  });
});

test('what timed out is named once, also when a hook and its process did', () => {
  expect(namesOfTimedOut(undefined)).toEqual([]);
  expect(namesOfTimedOut('a > b\na > c, afterEach\na > b\n')).toEqual([
    'a > b',
    'a > c, afterEach',
  ]);
});
