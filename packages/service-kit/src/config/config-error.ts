/** One thing that is wrong with a configuration. */
export interface ConfigMistake {
  /** The setting, from the root: `storage.hot.ttlMs`. Empty when no setting is to blame but a whole source. */
  readonly path: string;
  /** Where it was set: `sorcha.jsonc:4:7`, `SORCHA__STORAGE__HOT__TTL_MS`, or `not set`. */
  readonly source: string;
  /** What is wrong. */
  readonly problem: string;
  /** What would be right. */
  readonly allowed: string;
}

/** A configuration that cannot be used; every mistake is listed, not only the first. No secret is ever part of it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'INVALID_CONFIG';
  readonly mistakes: readonly ConfigMistake[];

  constructor(mistakes: readonly ConfigMistake[]) {
    const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
    super([`The configuration has ${count}:`, ...mistakes.map(showMistake)].join('\n'));
    this.mistakes = mistakes;
  }
}

function showMistake({ path, source, problem, allowed }: ConfigMistake): string {
  return `- ${path === '' ? '' : `${path}: `}${problem} (${source}); ${allowed}`;
}
