import type { WormStore } from '@sorcha/storage';
import { RegisterError } from '../docket/register-error.ts';
import { docketWorm } from '../verified-register/docket-definition.ts';

/**
 * How a thread opens cold storage by itself, because open stores cannot be handed over:
 * `import(module)`, and then its function `name` with `options` and the definition of dockets.
 */
export interface ColdSource {
  /** What `import` takes: best the URL that `import.meta.resolve` gives, which does not depend on who imports it. */
  readonly module: string;
  /** The name of a function that opens a `WormStore`, as `openSqliteWormStore`. */
  readonly name: string;
  /** Its options without the definition: plain values, which can be copied to the thread. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Opens cold storage. `INVALID` when the source names no such function; errors of the function as they are. */
export async function openColdSource({ module, name, options }: ColdSource): Promise<WormStore<string>> {
  const exported: unknown = await importModule(module);
  const open: unknown = typeof exported === 'object' && exported !== null ? Reflect.get(exported, name) : undefined;
  if (typeof open !== 'function') {
    throw new RegisterError('INVALID', `The module "${module}" exports no function "${name}" that opens cold storage.`);
  }
  const store: unknown = await Reflect.apply(open, undefined, [{ ...options, definition: docketWorm }]);
  if (!isWormStore(store)) {
    throw new RegisterError('INVALID', `"${name}" of "${module}" opened something else than cold storage.`);
  }
  return store;
}

async function importModule(module: string): Promise<unknown> {
  try {
    return await import(module);
  } catch (cause) {
    throw new RegisterError('INVALID', `The module "${module}", which opens cold storage, cannot be loaded.`, {
      cause,
    });
  }
}

function isWormStore(value: unknown): value is WormStore<string> {
  return typeof value === 'object' && value !== null && 'range' in value && 'appendBatch' in value && 'close' in value;
}
