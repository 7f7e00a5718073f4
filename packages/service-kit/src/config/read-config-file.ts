import { readFile } from 'node:fs/promises';
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { ConfigError, type ConfigMistake } from './config-error.ts';
import { type ConfigSource, createTree } from './config-tree.ts';

/** Longer files are no configuration. */
const MAX_CHARACTERS = 1_048_576;

/**
 * Reads a configuration file: JSON, in which comments and trailing commas are allowed.
 *
 * @throws ConfigError when the file cannot be read, is no JSON object, or sets a name twice.
 */
export async function readConfigFile(path: string): Promise<ConfigSource> {
  const text = await readText(path);
  const place = createPlaceOf(path, text);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  // What is reported behind the first error mostly follows from it.
  const [first] = errors;
  if (first !== undefined && text.trim() !== '') {
    throw new ConfigError([toSyntaxMistake(place(first.offset), first)]);
  }
  if (root?.type !== 'object') {
    const problem = text.trim() === '' ? 'The file is empty' : 'The file holds no JSON object';
    throw new ConfigError([toFileMistake(path, problem)]);
  }
  const reading: Reading = { place, places: new Map(), mistakes: [] };
  const tree = toValue(root, [], reading);
  if (reading.mistakes.length > 0) {
    throw new ConfigError(reading.mistakes);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the root is an object
  return { tree: tree as ConfigSource['tree'], places: reading.places };
}

interface Reading {
  readonly place: (offset: number) => string;
  readonly places: Map<string, string>;
  readonly mistakes: ConfigMistake[];
}

async function readText(path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MAX_CHARACTERS) {
      throw new Error(`it has ${text.length} characters`);
    }
    return text.replace(/^\uFEFF/, '');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([toFileMistake(path, `The file cannot be read: ${reason}`)]);
  }
}

function toFileMistake(source: string, problem: string): ConfigMistake {
  return { path: '', source, problem, allowed: 'name a readable file with one JSON object in it, comments allowed' };
}

/** The parser's word for what it misses, as `CommaExpected`, in plain letters. */
function toSyntaxMistake(source: string, { error }: ParseError): ConfigMistake {
  const words = printParseErrorCode(error).replaceAll(/\B[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return { path: '', source, problem: `The file is not JSON: ${words}`, allowed: 'correct it at that line and column' };
}

/** Tells line and column of an offset, both from 1. */
function createPlaceOf(path: string, text: string): (offset: number) => string {
  return (offset) => {
    const before = text.slice(0, offset).split('\n');
    return `${path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  };
}

function toValue(node: Node, path: readonly string[], reading: Reading): unknown {
  reading.places.set(path.join('.'), reading.place(node.offset));
  if (node.type === 'array') {
    return (node.children ?? []).map((child, index) => toValue(child, [...path, String(index)], reading));
  }
  if (node.type !== 'object') {
    return node.value;
  }
  const tree = createTree();
  for (const { children, offset } of node.children ?? []) {
    const [name, value] = children ?? [];
    const key = String(name?.value);
    if (Object.hasOwn(tree, key)) {
      reading.mistakes.push({
        path: [...path, key].join('.'),
        source: reading.place(offset),
        problem: 'is set twice',
        allowed: 'keep one of them',
      });
    } else if (value !== undefined) {
      tree[key] = toValue(value, [...path, key], reading);
    }
  }
  return tree;
}
