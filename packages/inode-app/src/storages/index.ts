/** Storage systems that can be mounted: what each must do, and those that are at hand. */
export { localDriver } from './local/local-driver.js';
export { s3Driver } from './s3/s3-driver.js';
export {
  type LocationPurpose,
  MAX_FINGERPRINT_CHARACTERS,
  MAX_LISTING_BYTES,
  MAX_NAME_BYTES,
  MAX_STORAGE_PAGE,
  type ParsedPlace,
  type RemoveOptions,
  type SkippedEntry,
  type StepOptions,
  type Storage,
  type StorageAbilities,
  type StorageCredentials,
  type StorageDriver,
  type StorageEntry,
  type StorageEntryType,
  type StorageLocation,
  type StorageOptions,
  type StoragePage,
} from './storage.js';
export { StorageError, type StorageErrorCode } from './storage-error.js';
export { WebHdfsDriver } from './webhdfs/webhdfs-driver.js';
