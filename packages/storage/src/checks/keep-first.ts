/** How many items beyond those that are asked for may wait to be sorted out. */
const SPARE_ITEMS = 1_000;

/**
 * Sorts items and returns those from `skip` on, at most `limit`. Keeps no more than twice `skip + limit` of them, and some,
 * in memory.
 */
export async function keepFirst<T>(
  items: AsyncIterable<T>,
  compare: (a: T, b: T) => number,
  { skip, limit = Number.MAX_SAFE_INTEGER }: { readonly skip: number; readonly limit: number | undefined },
): Promise<T[]> {
  const wanted = skip + limit;
  const kept: T[] = [];
  for await (const item of items) {
    kept.push(item);
    if (kept.length >= 2 * wanted + SPARE_ITEMS) {
      kept.sort(compare);
      kept.length = wanted;
    }
  }
  return kept.sort(compare).slice(skip, wanted);
}
