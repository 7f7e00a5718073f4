import { BasicClientSideCache } from 'redis';

/**
 * Receives the keys that a server tells as changed. The client hands such messages only to a cache of its own, so this is one
 * that keeps nothing: our commands do not go through it.
 */
export class InvalidationReceiver extends BasicClientSideCache {
  readonly #onChange: (storedKey: string | undefined) => void;

  constructor(onChange: (storedKey: string | undefined) => void) {
    super({ recordStats: false });
    this.#onChange = onChange;
  }

  /** Sent with each greeting; harmless, and allowed to everybody. Tracking itself begins later, when somebody listens. */
  override trackingOn(): string[] {
    return ['HELLO'];
  }

  override invalidate(key: string | Buffer | null): void {
    this.#onChange(key === null ? undefined : key.toString());
  }
}
