import { z } from 'zod';
import type { ChosenProvider, PortName, Provider } from '../providers/provider.ts';
import { listProviders, PROVIDERS } from '../providers/provider-table.ts';

/** Which provider carries which tier. */
export interface StorageConfig {
  readonly hot: ChosenProvider<'cache'>;
  readonly warm: {
    readonly relational: ChosenProvider<'relational'>;
    readonly documents: ChosenProvider<'documents'>;
  };
  readonly cold: ChosenProvider<'worm'>;
}

/** Where each port's provider stands in the configuration. */
export const SETTING_OF_PORT = {
  cache: 'storage.hot',
  relational: 'storage.warm.relational',
  documents: 'storage.warm.documents',
  worm: 'storage.cold',
} as const satisfies Record<PortName, string>;

/**
 * The schema of the setting `storage`. What is not set is embedded: a cache in memory, and SQLite files in `data/`.
 *
 * @param providers what can be named; default: the table of this package.
 */
export function createStorageSchema(providers: readonly Provider[] = PROVIDERS): z.ZodType<StorageConfig> {
  const choose = <P extends PortName>(port: P, embedded: object) => {
    const [first, ...others] = listProviders(providers, port).map(({ schema }) => schema);
    if (first === undefined) {
      throw new TypeError(`The table has no provider of the port "${port}".`);
    }
    return z.discriminatedUnion('provider', [first, ...others]).prefault(embedded);
  };
  return z.strictObject({
    hot: choose('cache', { provider: 'memory' }),
    warm: z
      .strictObject({
        relational: choose('relational', { provider: 'sqlite', file: 'data/relational.sqlite' }),
        documents: choose('documents', { provider: 'sqlite', file: 'data/documents.sqlite' }),
      })
      .prefault({}),
    cold: choose('worm', { provider: 'sqlite', file: 'data/cold.sqlite' }),
  });
}
