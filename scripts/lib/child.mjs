import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './root.mjs';

/** How long a child may take to end after it was told to, in milliseconds. */
const KILL_AFTER_MS = 5_000;
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
/** @type {NodeJS.Signals | undefined} */
let received;

/**
 * Runs a program in the checkout's directory until it ends. While one runs, Ctrl-C and the like
 * end it first and then this process; no child is left behind.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ output: 'show' | 'capture' | 'both', env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ ok: boolean, output: string }>} `output` is empty unless captured; with
 *   'both', what goes to the standard output is captured and shown
 */
export async function runChild(command, args, options) {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, endChildren);
  const capture = options.output !== 'show';
  const show = options.output !== 'capture';
  const child = spawn(command, args, {
    cwd: root,
    env: options.env ?? process.env,
    stdio: ['ignore', capture ? 'pipe' : 'inherit', show ? 'inherit' : 'pipe'],
  });
  running.add(child);
  /** @type {Buffer[]} */
  const chunks = [];
  child.stdout?.on('data', (chunk) => {
    chunks.push(chunk);
    if (show) process.stdout.write(chunk);
  });
  child.stderr?.on('data', (chunk) => chunks.push(chunk));
  const failure = await ended(child);
  running.delete(child);
  if (running.size === 0) {
    if (received !== undefined) process.exit(128 + constants.signals[received]);
    for (const signal of SIGNALS) process.off(signal, endChildren);
  }
  const output = Buffer.concat(chunks).toString();
  return { ok: failure === undefined, output: failure ? `${output}${failure}\n` : output };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<string | undefined>} why it failed
 */
function ended(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`);
    });
  });
}

/** @param {NodeJS.Signals} signal */
function endChildren(signal) {
  if (received !== undefined) return;
  received = signal;
  for (const child of running) child.kill('SIGTERM');
  setTimeout(() => {
    for (const child of running) child.kill('SIGKILL');
  }, KILL_AFTER_MS).unref();
}
