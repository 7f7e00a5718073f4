/** What a source sets: nested objects of values that are not checked yet. */
export interface ConfigTree {
  [name: string]: unknown;
}

/** A source that was read: its values, and where each of its settings stands. */
export interface ConfigSource {
  readonly tree: ConfigTree;
  /** By the path of the setting, divided by dots. */
  readonly places: ReadonlyMap<string, string>;
}

/** Says whether a value is an object with settings in it. */
export function isTree(value: unknown): value is ConfigTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Creates an object that has no members but those it is given, not even inherited ones. */
export function createTree(): ConfigTree {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `Object.create` is typed as any
  return Object.create(null) as ConfigTree;
}

/** The settings of both, those of `over` where both have one. */
export function mergeSources(under: ConfigSource, over: ConfigSource): ConfigSource {
  return { tree: mergeTrees(under.tree, over.tree), places: new Map([...under.places, ...over.places]) };
}

function mergeTrees(under: ConfigTree, over: ConfigTree): ConfigTree {
  const merged = createTree();
  for (const name of new Set([...Object.keys(under), ...Object.keys(over)])) {
    const [below, above] = [under[name], over[name]];
    if (isTree(below) && isTree(above)) {
      merged[name] = mergeTrees(below, above);
    } else {
      merged[name] = name in over ? above : below;
    }
  }
  return merged;
}
