/** A store that could not be opened. */
export interface StartFailure {
  /** The setting that is to blame, from the root: `storage.hot.password`. */
  readonly path: string;
  readonly provider: string;
  /** The code of the error: `UNAVAILABLE`, `INCOMPATIBLE_SERVER`, ... */
  readonly code: string;
  readonly message: string;
}

/** Stores that the configuration names and that cannot do what it says; all of them are listed. No secret is part of it. */
export class StorageStartError extends Error {
  override readonly name = 'StorageStartError';
  readonly code = 'START_FAILED';
  readonly failures: readonly StartFailure[];

  constructor(failures: readonly StartFailure[], options?: { readonly cause?: unknown }) {
    const lines = failures.map(({ path, code, message }) => `- ${path}: ${message} (${code})`);
    super(['The storage cannot be opened as it is configured:', ...lines].join('\n'), options);
    this.failures = failures;
  }
}
