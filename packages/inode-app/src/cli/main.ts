import { ExitCode } from './exit-code.js';
import { runProgram } from './program.js';

// Whoever reads standard error may go away as well; there is nobody left to tell then.
process.stderr.on('error', () => {});
// Commands that print much listen too, and say what is wrong; help and the launcher do not.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exitCode = ExitCode.Refused;
});
void runProgram(process.argv.slice(2));
