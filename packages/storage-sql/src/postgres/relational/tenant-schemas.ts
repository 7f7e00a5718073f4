/** How many tenants are remembered as prepared; the one used longest ago is looked at again. */
const MAX_TENANTS = 10_000;

/** The schemas of tenants, each looked at once. */
export interface TenantSchemas {
  /** Says whether a schema is known to be as it must be. */
  isPrepared(schema: string): boolean;
  /**
   * Makes sure that a schema is as it must be, and says whether it is there: to read, an absent one is left absent; to write, it is
   * created.
   */
  prepare(schema: string, purpose: 'read' | 'write'): Promise<boolean>;
  /** Looks at a schema again when it is used next. */
  forget(schema: string): void;
}

/**
 * Creates what knows which schemas are prepared.
 *
 * @param options.isPresent says whether a schema is there.
 * @param options.prepare creates a schema, or checks and changes the one that is there.
 */
export function createTenantSchemas(options: {
  readonly isPresent: (schema: string) => Promise<boolean>;
  readonly prepare: (schema: string) => Promise<void>;
}): TenantSchemas {
  const prepared = new Set<string>();
  const preparing = new Map<string, Promise<void>>();

  const prepareOnce = async (schema: string): Promise<void> => {
    const running =
      preparing.get(schema) ??
      options.prepare(schema).finally(() => {
        preparing.delete(schema);
      });
    preparing.set(schema, running);
    await running;
    prepared.add(schema);
    const [oldest] = prepared;
    if (prepared.size > MAX_TENANTS && oldest !== undefined) {
      prepared.delete(oldest);
    }
  };
  return {
    isPrepared: (schema) => {
      const isPrepared = prepared.delete(schema);
      if (isPrepared) {
        prepared.add(schema);
      }
      return isPrepared;
    },
    prepare: async (schema, purpose) => {
      if (purpose === 'read' && !preparing.has(schema) && !(await options.isPresent(schema))) {
        return false;
      }
      await prepareOnce(schema);
      return true;
    },
    forget: (schema) => prepared.delete(schema),
  };
}
