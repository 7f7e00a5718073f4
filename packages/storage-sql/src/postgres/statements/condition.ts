import { type RawBuilder, sql } from 'kysely';
import { quoteName } from '../../schema/quote-name.ts';

/** A condition or expression of SQL: text with gaps for values. */
export class Fragment {
  /** One more than there are values. */
  readonly texts: readonly string[];
  readonly values: readonly unknown[];

  constructor(texts: readonly string[], values: readonly unknown[] = []) {
    this.texts = texts;
    this.values = values;
  }

  /** The same for all fragments that differ in values only. */
  get shape(): string {
    return this.texts.join('\u0001');
  }
}

/** Writes a fragment: what is filled in are values, which are never part of the text, and other fragments, which are. */
export function fragment(strings: TemplateStringsArray, ...items: readonly unknown[]): Fragment {
  const texts = [strings[0] ?? ''];
  const values: unknown[] = [];
  const append = (text: string) => texts.push((texts.pop() ?? '') + text);
  for (const [index, item] of items.entries()) {
    if (item instanceof Fragment) {
      const [first = '', ...rest] = item.texts;
      append(first);
      texts.push(...rest);
      values.push(...item.values);
    } else {
      values.push(item);
      texts.push('');
    }
    append(strings[index + 1] ?? '');
  }
  return new Fragment(texts, values);
}

/** SQL as it is. Never given anything that a caller of a store says, but for names of definitions that were quoted. */
export function rawFragment(text: string): Fragment {
  return new Fragment([text]);
}

/** A name of a column. */
export function columnFragment(name: string): Fragment {
  return rawFragment(quoteName(name));
}

/** Holds for every row, or for none. */
export const always = rawFragment('true');
export const never = rawFragment('false');

/** All of the conditions. */
export function allOf(conditions: readonly Fragment[]): Fragment {
  return join(conditions, always, ' and ');
}

/** One of the conditions. */
export function anyOf(conditions: readonly Fragment[]): Fragment {
  return join(conditions, never, ' or ');
}

/** The fragments, divided by commas. */
export function listOf(fragments: readonly Fragment[]): Fragment {
  return joinTexts(fragments, ', ');
}

function join(conditions: readonly Fragment[], none: Fragment, word: string): Fragment {
  const [only = none] = conditions;
  return conditions.length < 2 ? only : fragment`(${joinTexts(conditions, word)})`;
}

function joinTexts(fragments: readonly Fragment[], word: string): Fragment {
  const texts: string[] = [''];
  const values: unknown[] = [];
  for (const [index, one] of fragments.entries()) {
    const [first = '', ...rest] = one.texts;
    texts.push((texts.pop() ?? '') + (index === 0 ? '' : word) + first, ...rest);
    values.push(...one.values);
  }
  return new Fragment(texts, values);
}

/** The text as Kysely takes it, with `values` in its gaps. */
export function toRawBuilder<T>(texts: readonly string[], values: readonly unknown[]): RawBuilder<T> {
  return sql<T>(Object.assign([...texts], { raw: [...texts] }), ...values);
}
