/** The suite for implementers of `Storage`. */
export { ODD_NAMES, type OddName } from './odd-names.js';
export { storageCompliance } from './storage-compliance.js';
export type { StorageComplianceCase, StorageHome } from './storage-home.js';
