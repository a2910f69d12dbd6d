import { runProgram } from './program.js';

// Whoever reads the output may go away, as `head` does; there is nobody left to tell then.
process.stderr.on('error', () => {});
process.stdout.on('error', () => {});
void runProgram(process.argv.slice(2));
