import type { Configuration } from 'raft-ts';
import type { Client } from '../client/client.js';
import type { Cluster } from '../cluster.js';
import { isQuorum } from '../quorum.js';

/**
 * Liveness after healing: once all faults have ended, within this virtual time every client has
 * written and read again, and all who take part have applied the same log. Far above what elections
 * take (Raft paper, 5.6 and 9.3), because it has to hold without an exception.
 */
export const LIVENESS_MS = 60_000;

export const LIVENESS_AFTER_HEALING = 'liveness-after-healing';

/** Who of the clients has not been served since healing. */
export function unserved(clients: readonly Client[]): readonly Client[] {
  return clients.filter((client) => !client.served);
}

/** Whether those that have not stopped for good are a majority. */
export function canServe(cluster: Cluster): boolean {
  const { contradicted } = cluster;
  const configuration = newestConfiguration(cluster);
  return (
    contradicted.size === 0 ||
    configuration === undefined ||
    isQuorum(configuration, (id) => !contradicted.has(id))
  );
}

function newestConfiguration(cluster: Cluster): Configuration | undefined {
  return cluster.ids
    .flatMap((id) => cluster.status(id)?.membership ?? [])
    .sort((a, b) => b.index - a.index)[0]?.configuration;
}

/** Whether all who take part run, are whole, agree on where the log ends, and have applied it. */
export function converged(cluster: Cluster): boolean {
  const statuses = cluster
    .participants()
    .filter((id) => !cluster.contradicted.has(id))
    .map((id) => cluster.status(id));
  const end = statuses[0]?.lastIndex;
  return statuses.every(
    (status) => status?.lastIndex === end && status?.applied === end && !status?.recovering,
  );
}

/** Where every member stands, for the message of a violation. */
export function describeCluster(cluster: Cluster): string {
  const members = cluster.participants();
  const standings = cluster.ids.flatMap((id) => {
    const status = cluster.status(id);
    if (status === undefined) return members.includes(id) ? [`${id} does not run`] : [];
    const { role, term, leader, lastIndex, commit, applied, recovering } = status;
    return [
      `${id} is ${recovering ? 'recovering ' : ''}${role} in term ${term}, leader ${leader}, ` +
        `log ${lastIndex}, commit ${commit}, applied ${applied}`,
    ];
  });
  return `members ${members}; ${standings.join('; ')}`;
}
