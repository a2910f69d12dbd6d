import { runProgram } from './program.js';

// Whoever reads standard error may go away as well; there is nobody left to tell then.
process.stderr.on('error', () => {});
void runProgram(process.argv.slice(2));
