import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { MemberPlace } from '../cluster/member.js';
import type { History } from '../histories/history.js';
import { renderReport } from '../report/render-report.js';
import { readRoleSamples } from '../report/role-sample.js';
import {
  HISTORY_FILE,
  REPORT_FILE,
  RESULTS_FILE,
  ROLES_FILE,
  type StoredResults,
} from '../store/stored-results.js';
import type { TestDirectory } from '../store/test-directory.js';

/** Writes the report of a test into its directory. */
export async function writeReport(
  directory: TestDirectory,
  history: History,
  { verdict, results, commands }: StoredResults,
  members: readonly MemberPlace[],
): Promise<void> {
  const roles = await readFile(directory.file(ROLES_FILE), 'utf8').catch(() => '');
  const logs = members.map(({ logFile }) => relative(directory.path, logFile));
  const report = renderReport({
    history,
    verdict,
    results,
    roles: readRoleSamples(roles),
    members: members.map(({ id, name }) => ({ id, name })),
    commands,
    files: [HISTORY_FILE, RESULTS_FILE, ROLES_FILE, ...logs],
  });
  await directory.write(REPORT_FILE, report);
}
