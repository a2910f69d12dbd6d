import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TimedOut } from '../patience/hang-watch.js';
import { LOOK_MS, Patience } from '../patience/patience.js';
import { type RunRequest, simulate } from './simulation.js';
import { type RunSummary, summarize } from './summary.js';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

/** What one run may take on an idle machine: some fifty times what most do. */
const MAX_RUN_MS = 40_000;

/** Told of each run as it ends; false ends them all. */
export type OnRun = (request: RunRequest, summary: RunSummary) => boolean;

/** Makes these runs, in `jobs` processes; in this one, in their order, for a single job. */
export async function makeRuns(
  requests: readonly RunRequest[],
  jobs: number,
  onRun: OnRun,
): Promise<void> {
  if (jobs === 1) {
    for (const request of requests) {
      if (!onRun(request, summarize(await simulate(request)))) return;
    }
    return;
  }
  const waiting = [...requests].reverse();
  const workers = Array.from({ length: Math.min(jobs, requests.length) }, () => fork(WORKER));
  try {
    await Promise.all(workers.map((worker) => work(worker, waiting, onRun)));
  } finally {
    for (const worker of workers) worker.kill();
  }
}

/** Hands one request after the other to a worker until none waits. */
function work(worker: ChildProcess, waiting: RunRequest[], onRun: OnRun): Promise<void> {
  const patience = new Patience(MAX_RUN_MS, performance.now());
  let looks: NodeJS.Timeout | undefined;
  return new Promise<void>((resolve, reject) => {
    let current: RunRequest | undefined;
    const next = () => {
      current = waiting.pop();
      patience.renew();
      if (current === undefined) resolve();
      else worker.send(current);
    };
    worker.on('message', (summary: RunSummary) => {
      if (current !== undefined && !onRun(current, summary)) waiting.length = 0;
      next();
    });
    worker.on('error', reject);
    worker.on('exit', (code, signal) => {
      if (current === undefined) return;
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      reject(new Error(`the process that ran seed ${current.seed} was ended ${how}`));
    });
    looks = setInterval(() => {
      if (patience.isOver(performance.now()))
        reject(new TimedOut(`the run of seed ${current?.seed}`));
    }, LOOK_MS);
    next();
  }).finally(() => clearInterval(looks));
}
