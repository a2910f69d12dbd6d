import { Command } from 'commander';
import { listNemeses } from '../nemeses/nemesis-list.js';
import { loadSuite, SUITE_NAMES } from '../suites/known-suites.js';
import { WORKLOADS } from '../workloads/known-workloads.js';
import { writeLines } from './output.js';

const DEFAULT_SUITE = 'inode-app';

interface ListOptions {
  readonly suite: string;
  readonly markdown?: true;
}

/** `jepsen list`. */
export function listCommand(): Command {
  return new Command('list')
    .description('workloads, nemeses and suites, with what each proves')
    .option('--suite <name>', 'whose faults are listed', DEFAULT_SUITE)
    .option('--markdown', 'as tables, for the documentation')
    .action(async ({ suite, markdown }: ListOptions) => {
      const sections = await listed(suite);
      const lines = markdown === true ? markdownTables(sections) : aligned(sections);
      await writeLines(process.stdout, lines);
    });
}

/** A kind of things, and what is said of each. */
interface Section {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, text: string])[];
}

/** All that can be named on the command line, with the faults that can strike this suite's system. */
export async function listed(suiteName = DEFAULT_SUITE): Promise<readonly Section[]> {
  const suites = await Promise.all(SUITE_NAMES.map((name) => loadSuite(name)));
  const { database } = await loadSuite(suiteName);
  return [
    { title: 'workload', rows: WORKLOADS.map(({ name, proves }) => [name, proves]) },
    { title: 'nemesis', rows: listNemeses(database).map(({ name, proves }) => [name, proves]) },
    {
      title: 'suite',
      rows: suites.map(({ name, about, clients }) => [
        name,
        `${about} (${Object.keys(clients).join(', ')})`,
      ]),
    },
  ];
}

/** As they stand in docs/chaos.md. */
export function markdownTables(sections: readonly Section[]): readonly string[] {
  return sections.flatMap(({ title, rows }, at) => [
    ...(at === 0 ? [] : ['']),
    `| ${title} | what it proves, or is |`,
    '| --- | --- |',
    ...rows.map(([name, text]) => `| \`${name}\` | ${text} |`),
  ]);
}

function aligned(sections: readonly Section[]): readonly string[] {
  const names = sections.flatMap(({ rows }) => rows.map(([name]) => name.length));
  const width = Math.max(...names);
  return sections.flatMap(({ title, rows }) => [
    `${title}:`,
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
  ]);
}
