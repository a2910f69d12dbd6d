import { type RunRequest, simulate } from './simulation.js';
import { type RunSummary, summarize } from './summary.js';

/*
 * A process that makes one run after the other, as it is asked to, and tells how each ended.
 */
// Whoever asked has gone, and with it the way to tell.
process.on('disconnect', () => process.exit());
process.on('message', (request: RunRequest) => {
  void simulate(request).then((result) => {
    const summary: RunSummary = summarize(result);
    process.send?.(summary);
  });
});
