import { type Filter, parseFilter, StorageError } from '@sorcha/storage';
import { expect } from 'vitest';
import type { Members, Query } from './random-queries.ts';

/** An answer, or the code with which a store refused to give one. */
export async function orCode<T>(answer: Promise<T>): Promise<T | { readonly code: string }> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StorageError) {
      return { code: error.code };
    }
    throw error;
  }
}

/** Checks as the stores will do, so that the type may say so. */
export function isFilter<E>(input: Members): input is Members & Filter<E> {
  parseFilter(input);
  return true;
}

/** Puts a query to memory and to all others at once, and expects one answer; what memory answers. */
export async function compareAnswers<S, A>(
  stores: { readonly memory: S } & Readonly<Record<string, S>>,
  query: Query,
  ask: (store: S) => Promise<A>,
): Promise<A | { readonly code: string }> {
  const { memory, ...others } = stores;
  const expected = await orCode(ask(memory));
  await Promise.all(
    Object.entries(others).map(async ([name, store]) => {
      expect({ query, name, answer: await orCode(ask(store)) }).toEqual({ query, name, answer: expected });
    }),
  );
  return expected;
}
