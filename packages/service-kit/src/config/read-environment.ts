import { ConfigError, type ConfigMistake } from './config-error.ts';
import { type ConfigSource, createTree, isTree } from './config-tree.ts';

/** Variables that start like this are settings; the rest of the environment is left alone. */
export const ENVIRONMENT_PREFIX = 'SORCHA__';

const NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/**
 * Reads the settings in the environment: `SORCHA__STORAGE__HOT__TTL_MS` sets `storage.hot.ttlMs`. Two underscores lead into an
 * object, one divides words. All values are text; numbers and flags are read from it where the setting is one.
 *
 * @throws ConfigError for a name that is none, an empty value, and a variable that both has a value and leads further.
 */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): ConfigSource {
  const tree = createTree();
  const places = new Map<string, string>();
  const mistakes: ConfigMistake[] = [];
  for (const [variable, value] of Object.entries(environment)) {
    if (variable.startsWith(ENVIRONMENT_PREFIX) && value !== undefined) {
      const problem = setPath(tree, toPath(variable), value);
      places.set(toPath(variable).join('.'), variable);
      if (problem !== undefined) {
        mistakes.push({ path: toPath(variable).join('.'), source: variable, ...problem });
      }
    }
  }
  if (mistakes.length > 0) {
    throw new ConfigError(mistakes);
  }
  return { tree, places };
}

/** The name of the variable that sets a path. */
export function toVariable(path: readonly PropertyKey[]): string {
  const words = path.map((name) =>
    String(name)
      .replace(/[A-Z]/g, (letter) => `_${letter}`)
      .toUpperCase(),
  );
  return ENVIRONMENT_PREFIX + words.join('__');
}

function toPath(variable: string): string[] {
  return variable
    .slice(ENVIRONMENT_PREFIX.length)
    .split('__')
    .map((part) =>
      NAME.test(part) ? part.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) : part,
    );
}

function setPath(tree: ConfigSource['tree'], path: readonly string[], value: string) {
  const last = path.at(-1);
  if (last === undefined || path.some((part) => !/^[a-z][A-Za-z0-9]*$/.test(part))) {
    return { problem: 'is no setting', allowed: `name it like ${ENVIRONMENT_PREFIX}STORAGE__HOT__TTL_MS` };
  }
  if (value === '') {
    return { problem: 'is empty', allowed: 'give it a value or unset the variable' };
  }
  let inner = tree;
  for (const part of path.slice(0, -1)) {
    const next = (inner[part] ??= createTree());
    if (!isTree(next)) {
      return { problem: 'leads into a setting that has a value itself', allowed: 'unset one of the two variables' };
    }
    inner = next;
  }
  if (isTree(inner[last])) {
    return { problem: 'has a value and leads further', allowed: 'unset one of the two variables' };
  }
  inner[last] = value;
  return undefined;
}
