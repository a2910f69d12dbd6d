import { fileURLToPath } from 'node:url';

/** The `inode-app` command, to be run with Node. */
export const COMMAND = fileURLToPath(
  new URL('bin/inode-app.js', import.meta.resolve('inode-app/package.json')),
);
