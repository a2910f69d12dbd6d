/**
 * Resolves with the next error that nobody catches in this process, which is not ended by it. Others
 * who listen for such errors, as test runners do, miss this one.
 */
export function nextUncaught(): Promise<unknown> {
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  return new Promise((resolve) => {
    process.once('uncaughtException', (error) => {
      for (const other of others) process.on('uncaughtException', other);
      resolve(error);
    });
  });
}
