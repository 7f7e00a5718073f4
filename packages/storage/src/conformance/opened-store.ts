/** A fresh, empty store for one test. The suite closes it at the end of the test, also of one that failed. */
export interface OpenedStore<S> {
  readonly store: S;
  /** Removes what was made for the test (a folder, a schema), after the store was closed. */
  readonly dispose?: () => Promise<void>;
}

/** As {@link OpenedStore}, for providers whose data outlives the store. */
export interface OpenedDurableStore<S> extends OpenedStore<S> {
  /** Closes the store that was opened last and opens the same data again. */
  readonly reopen: () => Promise<S>;
}

/** What a provider declares about durability; a durable one must be able to open its data again. */
export type Durability<Open, OpenDurable> =
  | { readonly isDurable: false; readonly open: Open }
  | { readonly isDurable: true; readonly open: OpenDurable };
