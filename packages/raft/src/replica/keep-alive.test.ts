import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** Nothing but timers is under way here: no socket listens, and no disk is written. */
const ALONE_IN_MEMORY = `
  import { MemoryLogStore, MemoryNetwork, Replica } from 'raft-ts';
  const replica = await Replica.start({
    id: 1,
    clusterId: 'test',
    initialVoters: [1],
    log: MemoryLogStore.open(),
    transport: new MemoryNetwork().transport(1),
    applier: { appliedIndex: 0, appended() {}, apply() {} },
  });
  const { role } = await replica.until(() => {
    const status = replica.status();
    return status.role === 'leader' ? status : undefined;
  });
  await replica.readIndex();
  console.log(role);
  await replica.stop();`;

it('a running member keeps its process alive, and one that has stopped lets it go', async () => {
  const args = ['--input-type=module', '--eval', ALONE_IN_MEMORY];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PACKAGE });
  expect(stdout).toBe('leader\n');
});
