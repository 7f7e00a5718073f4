const FIRST_HEIGHTS = 1024;

/** A set of heights that are mostly close together: a byte each. */
export interface HeightSet {
  has(height: number): boolean;
  add(height: number): void;
}

/** Starts an empty set. */
export function createHeightSet(): HeightSet {
  let dense = new Uint8Array(FIRST_HEIGHTS);
  // Far above all others there are only strays.
  const sparse = new Set<number>();
  return {
    has: (height) => dense[height] === 1 || sparse.has(height),
    add: (height) => {
      if (height >= 4 * dense.length) {
        sparse.add(height);
        return;
      }
      if (height >= dense.length) {
        const grown = new Uint8Array(Math.ceil(1.5 * (height + 1)));
        grown.set(dense);
        dense = grown;
      }
      dense[height] = 1;
    },
  };
}
