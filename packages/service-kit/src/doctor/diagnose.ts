import { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import { type ConfigSources, loadConfig } from '../config/load-config.ts';
import type { Provider } from '../providers/provider.ts';
import { PROVIDERS } from '../providers/provider-table.ts';
import { createStorageSchema } from '../storage/storage-schema.ts';
import { diagnoseStorage } from './diagnose-storage.ts';
import type { Finding } from './finding.ts';

/**
 * Checks a configuration against reality: that it can be read, and that what it names is there and can do what is asked of
 * it. Nothing is changed there, but that Redis is given a key that lives for a second.
 */
export async function diagnose(sources: ConfigSources, providers: readonly Provider[] = PROVIDERS): Promise<Finding[]> {
  const schema = z.strictObject({ storage: createStorageSchema(providers).prefault({}) });
  try {
    const { storage } = await loadConfig(schema, sources);
    const origin = sources.file === undefined ? 'the environment' : `"${sources.file}" and the environment`;
    const read: Finding = {
      name: 'configuration',
      status: 'pass',
      detail: `${origin}: every setting is known and in its bounds`,
    };
    return [read, ...(await diagnoseStorage(storage))];
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    return error.mistakes.map(({ path, source, problem, allowed }) => ({
      name: path === '' ? 'configuration' : path,
      status: 'fail' as const,
      detail: `${problem} (${source})`,
      fix: allowed,
    }));
  }
}
