import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { ConfigError, type ConfigMistake } from './config-error.ts';
import { type ConfigSource, type ConfigTree, createTree, isTree, mergeSources } from './config-tree.ts';
import { describeMistakes, MISSING } from './describe-mistakes.ts';
import { readConfigFile } from './read-config-file.ts';
import { readEnvironment } from './read-environment.ts';

/** Where a configuration is read from. */
export interface ConfigSources {
  /** The path of a JSON file, comments allowed. Without one, only the environment counts. */
  readonly file?: string;
  /** What overrides the file. Default: the environment of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const FILE_ENDING = 'File';

/**
 * Reads a configuration from a file and the environment, which overrides it, and checks all of it. Instead of a secret
 * `password`, `passwordFile` can name a file that holds it, as container platforms mount them.
 *
 * @throws ConfigError naming every mistake.
 */
export async function loadConfig<S extends z.ZodType>(schema: S, sources: ConfigSources = {}): Promise<z.output<S>> {
  const { file, environment = process.env } = sources;
  const empty: ConfigSource = { tree: createTree(), places: new Map() };
  const over = readEnvironment(environment);
  const mistakes = [...over.mistakes];
  const under =
    file === undefined
      ? empty
      : await readConfigFile(file).catch((error: unknown) => {
          mistakes.push(...listMistakes(error));
          return empty;
        });
  const isWhole = mistakes.length === 0;
  const merged = mergeSources(under, over);
  const source = { ...merged, tree: await readSecretFiles(merged, merged.tree, [], mistakes) };
  const parsed = schema.safeParse(source.tree);
  if (mistakes.length > 0 || !parsed.success) {
    // What is missing may be in what could not be read.
    const refused = parsed.success ? [] : describeMistakes(schema, source, parsed.error);
    throw new ConfigError([...mistakes, ...refused.filter(({ problem }) => isWhole || problem !== MISSING)]);
  }
  return parsed.data;
}

function listMistakes(reason: unknown): readonly ConfigMistake[] {
  if (reason instanceof ConfigError) {
    return reason.mistakes;
  }
  throw reason;
}

/** Replaces each `passwordFile` by the `password` that the file holds. */
async function readSecretFiles(
  source: ConfigSource,
  tree: ConfigTree,
  path: readonly string[],
  mistakes: ConfigMistake[],
): Promise<ConfigTree> {
  const filled = createTree();
  for (const [name, value] of Object.entries(tree)) {
    const secretName = name.slice(0, -FILE_ENDING.length);
    if (isTree(value)) {
      filled[name] = await readSecretFiles(source, value, [...path, name], mistakes);
    } else if (name === `password${FILE_ENDING}`) {
      const place = {
        path: [...path, name].join('.'),
        source: source.places.get([...path, name].join('.')) ?? 'not set',
      };
      if (secretName in tree) {
        mistakes.push({ ...place, problem: `is set beside "${secretName}"`, allowed: 'keep one of the two' });
      } else {
        filled[secretName] = await readSecretFile(value, place, mistakes);
      }
    } else {
      filled[name] = value;
    }
  }
  return filled;
}

async function readSecretFile(
  file: unknown,
  place: Pick<ConfigMistake, 'path' | 'source'>,
  mistakes: ConfigMistake[],
): Promise<string> {
  try {
    if (typeof file !== 'string') {
      throw new TypeError('its path is no text');
    }
    const secret = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
    if (secret === '') {
      throw new Error('it is empty');
    }
    return secret;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    mistakes.push({ ...place, problem: `cannot be read: ${reason}`, allowed: 'name a file that holds the secret' });
    return 'unread';
  }
}
