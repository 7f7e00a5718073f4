/** Who wants to hear of something. */
export interface Listeners<E> {
  /** Adds a listener; returns what removes it. */
  add(listener: (event: E) => void): () => void;
  /** Tells all listeners. What one throws is counted and reaches nobody. */
  tell(event: E): void;
  /** How many times a listener threw. */
  readonly errors: number;
}

/** Creates an empty set of listeners. */
export function createListeners<E>(): Listeners<E> {
  const entries = new Set<{ readonly listener: (event: E) => void }>();
  let errors = 0;
  return {
    add: (listener) => {
      const entry = { listener };
      entries.add(entry);
      return () => {
        entries.delete(entry);
      };
    },
    tell: (event) => {
      for (const { listener } of entries) {
        try {
          listener(event);
        } catch {
          errors += 1;
        }
      }
    },
    get errors() {
      return errors;
    },
  };
}
