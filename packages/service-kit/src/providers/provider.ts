import type {
  CacheStore,
  DocumentDefinition,
  DocumentStore,
  EntityDefinition,
  RelationalStore,
  WormDefinition,
  WormStore,
} from '@sorcha/storage';
import { z } from 'zod';
import type { Finding } from '../doctor/finding.ts';

/** Entities of any kind, as a relational store is opened with. */
export type Entities = readonly Pick<EntityDefinition<never>, 'name' | 'key' | 'columns' | 'indexes' | 'unique'>[];

/** How the store of each port is opened, once its settings are known. */
export interface StoreOpeners {
  /** @param options.waitMs how long a server that does not answer is waited for before the start goes on without it. */
  readonly cache: (options?: { readonly waitMs?: number }) => Promise<CacheStore>;
  readonly relational: (entities: Entities) => Promise<RelationalStore>;
  readonly documents: <D extends object>(definition: DocumentDefinition<D>) => Promise<DocumentStore<D>>;
  readonly worm: <D>(definition: WormDefinition<D>) => Promise<WormStore<D>>;
}

/** One of the four ports. */
export type PortName = keyof StoreOpeners;

/** A provider that a configuration chose, with its checked settings. Nothing is loaded or connected yet. */
export interface ChosenProvider<P extends PortName> {
  readonly port: P;
  readonly provider: string;
  /** The settings beside `provider`; secrets in them print as redacted. */
  readonly settings: object;
  readonly open: StoreOpeners[P];
  /** The setting that an error of `open` is about, as far as the error tells. */
  readonly blame: (error: unknown) => string | undefined;
  /** Looks at what the settings lead to, without changing anything there; fails as `open` does. */
  readonly inspect: () => Promise<readonly Inspected[]>;
}

/** One thing that was found where the settings of a provider lead. */
export type Inspected = Pick<Finding, 'status' | 'detail' | 'fix'>;

/** A provider of one port, as the configuration can name it. */
export interface Provider<P extends PortName = PortName> {
  readonly port: P;
  /** What the setting `provider` says. */
  readonly name: string;
  /** Checks the settings, `provider` included; the output is ready to be opened. */
  readonly schema: z.ZodType<ChosenProvider<P>> & z.core.$ZodTypeDiscriminable<'provider'>;
}

const NOT_INSPECTED: readonly Inspected[] = [
  { status: 'warn', detail: 'the settings are well formed; this provider cannot be looked at before it is opened' },
];

/**
 * Adds a provider to what configurations can name. Client libraries belong into `open`, behind a dynamic import, so that a
 * service loads only what its configuration names.
 *
 * @param options.settings the settings beside `provider`. Unknown ones are refused.
 * @param options.open how the store is opened with them; it proves that the server can do what the settings claim.
 * @param options.blame which setting an error of `open` is about.
 * @param options.inspect looks at what the settings lead to, for `sorcha doctor`; it changes nothing there.
 */
export function defineProvider<P extends PortName, S extends z.ZodRawShape>(options: {
  readonly port: P;
  readonly name: string;
  readonly settings: S;
  readonly open: (settings: z.output<z.ZodObject<S>>) => StoreOpeners[P];
  readonly blame?: (error: unknown, settings: z.output<z.ZodObject<S>>) => string | undefined;
  readonly inspect?: (settings: z.output<z.ZodObject<S>>) => Promise<readonly Inspected[]>;
}): Provider<P> {
  const { port, name, open, blame = () => undefined, inspect = async () => NOT_INSPECTED } = options;
  const schema = z.strictObject({ ...options.settings, provider: z.literal(name) }).transform((checked) => {
    const named = Object.entries(checked).filter(([setting]) => setting !== 'provider');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without the literal that was added above
    const settings = Object.fromEntries(named) as z.output<z.ZodObject<S>>;
    return {
      port,
      provider: name,
      settings,
      open: open(settings),
      blame: (error: unknown) => blame(error, settings),
      inspect: async () => inspect(settings),
    };
  });
  return { port, name, schema };
}
