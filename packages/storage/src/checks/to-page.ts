import { isDataObject } from '../filter/data-object.ts';
import type { Page } from '../ports/page.ts';
import { MAX_PAGE_SIZE, type PageRequest } from '../ports/repository.ts';
import { StorageError } from '../storage-error.ts';
import { checkWholeNumber } from './check-whole-number.ts';

/** Checks which page is asked for and says what to read. `INVALID` when page or page size is out of bounds. */
export function toPageBounds(request: Pick<PageRequest<unknown>, 'page' | 'pageSize'>): {
  skip: number;
  limit: number;
} {
  requireRequest(request);
  const page = checkWholeNumber(request.page, 'page', { min: 1 });
  const limit = checkWholeNumber(request.pageSize, 'pageSize', { min: 1, max: MAX_PAGE_SIZE });
  // A page this far out is empty anyway, and databases take no larger number.
  return { skip: Math.min((page - 1) * limit, Number.MAX_SAFE_INTEGER), limit };
}

function requireRequest(request: unknown): void {
  if (!isDataObject(request)) {
    throw new StorageError('INVALID', 'A page is asked for with an object; give at least page and pageSize.');
  }
}

/** Puts a page together from its items and how many there are on all pages. */
export function toPage<T>(
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
  items: readonly T[],
  total: number,
): Page<T> {
  const pageCount = Math.ceil(total / pageSize);
  return { items, page, pageSize, total, pageCount, hasNext: page < pageCount, hasPrevious: page > 1 };
}
