export { ConfigError, type ConfigMistake } from './config/config-error.ts';
export { type ConfigSources, loadConfig } from './config/load-config.ts';
export { Secret } from './config/secret.ts';
export type { ServerUrl } from './config/server-url.ts';
export {
  choiceSetting,
  fileSetting,
  flagSetting,
  listSetting,
  secretSetting,
  serverUrlSetting,
  textSetting,
  wholeNumberSetting,
} from './config/settings.ts';
export { diagnose } from './doctor/diagnose.ts';
export { diagnoseStorage } from './doctor/diagnose-storage.ts';
export type { Finding } from './doctor/finding.ts';
export { defineCacheProvider } from './providers/define-cache-provider.ts';
export {
  type ChosenProvider,
  defineProvider,
  type Inspected,
  type PortName,
  type Provider,
  type StoreOpeners,
} from './providers/provider.ts';
export { PROVIDERS } from './providers/provider-table.ts';
export type { StorageHealth } from './storage/check-storage.ts';
export { openStorage, START_TIMEOUT_MS, type Storage } from './storage/open-storage.ts';
export { type StartFailure, StorageStartError } from './storage/start-error.ts';
export { createStorageSchema, type StorageConfig } from './storage/storage-schema.ts';
