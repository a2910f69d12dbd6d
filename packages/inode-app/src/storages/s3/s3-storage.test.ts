import { afterAll, beforeAll, describe, it } from 'vitest';
import { storageCompliance } from '../testing/storage-compliance.js';
import { createBucketHome } from './s3-home.test.support.js';
import {
  findProgram,
  type S3Server,
  SERVER_PROGRAMS,
  startServer,
} from './s3-server.test.support.js';

for (const program of SERVER_PROGRAMS) {
  const file = findProgram(program);
  describe(`S3 by ${program.name}`, () => {
    if (file === undefined) {
      it('is not tried, as the server is not here', () => {
        process.stdout.write(`No ${program.name}: storages are not tried against it.\n`);
      });
      return;
    }
    let server: S3Server;
    beforeAll(async () => {
      server = await startServer(program, file);
    });
    afterAll(() => server[Symbol.asyncDispose]());

    // Once below a prefix and once without, on one server each: all are slow.
    const createHome = () => createBucketHome(server.endpoint, program);
    for (const { name, run } of storageCompliance(createHome)) it(name, run);
  });
}
