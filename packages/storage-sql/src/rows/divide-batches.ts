/**
 * Divides what is written into batches, in order: of at most `count` items, and of about `size` in all, but for a larger item, which
 * is a batch by itself.
 */
export function divideBatches<T>(
  items: readonly T[],
  most: { readonly count: number; readonly size: number },
  sizeOf: (item: T) => number,
): T[][] {
  const batches: T[][] = [];
  let total = 0;
  for (const item of items) {
    const last = batches.at(-1);
    const size = sizeOf(item);
    total += size;
    if (last === undefined || last.length >= most.count || total > most.size) {
      batches.push([item]);
      total = size;
    } else {
      last.push(item);
    }
  }
  return batches;
}
