import type { ConfigMistake } from './config-error.ts';
import { type ConfigSource, createTree, isTree } from './config-tree.ts';

/** Variables that start like this are settings; the rest of the environment is left alone. */
const ENVIRONMENT_PREFIX = 'SORCHA__';

/** Names that were meant to be settings, also with other letters or one underscore: left alone they would be overlooked. */
const MEANT = /^sorcha_(?:_|.*__)/i;

const NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/**
 * Reads the settings in the environment: `SORCHA__STORAGE__HOT__TTL_MS` sets `storage.hot.ttlMs`. Two underscores lead into an
 * object, one divides words. All values are text; numbers and flags are read from it where the setting is one.
 *
 * What is left out is a mistake: a name that is none, an empty value, a variable that both has a value and leads further.
 */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigSource & { readonly mistakes: readonly ConfigMistake[] } {
  const tree = createTree();
  const places = new Map<string, string>();
  const mistakes: ConfigMistake[] = [];
  for (const [variable, value] of Object.entries(environment)) {
    if (MEANT.test(variable) && value !== undefined) {
      const path = toPath(variable);
      const problem = path === undefined ? NO_SETTING : setPath(tree, path, value);
      if (problem !== undefined) {
        mistakes.push({ path: path?.join('.') ?? '', source: variable, ...problem });
      } else if (path !== undefined) {
        places.set(path.join('.'), variable);
      }
    }
  }
  return { tree, places, mistakes };
}

const NO_SETTING = {
  problem: 'the variable names no setting',
  allowed: `write it in capitals like ${ENVIRONMENT_PREFIX}STORAGE__HOT__TTL_MS`,
};

/** The path that a variable sets; `undefined` when its name is none of a setting. */
function toPath(variable: string): string[] | undefined {
  const parts = variable.slice(ENVIRONMENT_PREFIX.length).split('__');
  return variable.startsWith(ENVIRONMENT_PREFIX) && parts.every((part) => NAME.test(part))
    ? parts.map((part) => part.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))
    : undefined;
}

function setPath(tree: ConfigSource['tree'], path: readonly string[], value: string) {
  const last = path.at(-1) ?? '';
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
