/** What a member does in storages that are mounted, for simulations and masters of one's own. */

export { Mounts } from './mounts.js';
export type { MountsOptions, MountsService } from './mounts-options.js';
export type { StorageAccessOptions } from './storage-access-options.js';
