import type { WorkloadOptions } from './workload.js';

/** So few that calls collide, so many that each tree's history is judged soon. */
const CLIENTS_PER_TREE = 2;

/** Trees that share nothing: each is judged by itself. */
export function treesOf({ clients }: WorkloadOptions): readonly string[] {
  const count = Math.max(1, Math.ceil(clients / CLIENTS_PER_TREE));
  return Array.from({ length: count }, (_, at) => `t${at}`);
}
