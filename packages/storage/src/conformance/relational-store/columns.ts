import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import { hostileValues, jsonSpecimens } from '../json-specimens.ts';
import { untyped } from '../untyped.ts';
import { createPart, type Part, part, type RelationalFact, scanAll } from './entities.ts';

const specimens: readonly (readonly [name: string, members: Partial<Part>])[] = [
  ['nothing but what is required', {}],
  ['an empty text', { name: '' }],
  ['a text that looks like a number', { name: '007' }],
  ['quotes, backslashes, line ends', { name: '\'";--\\ \r\n\t' }],
  ['control characters but U+0000', { name: '\u0001\u007f\u009f' }],
  ['astral and private characters', { name: '\u{1f600}\u{10ffff}\ue000\ufeff\uffff' }],
  ['letters with combining marks, not normalized', { name: 'e\u0301\u00e9' }],
  ['a long text', { name: 'long '.repeat(20_000) }],
  ['the largest integer', { size: Number.MAX_SAFE_INTEGER }],
  ['the smallest integer', { size: Number.MIN_SAFE_INTEGER }],
  ['an integer beyond 32 bits', { size: 2 ** 31 }],
  ['zeros', { size: 0, weight: 0 }],
  ['a fraction that is not exact', { weight: 0.1 + 0.2 }],
  ['the largest number', { weight: Number.MAX_VALUE }],
  ['the smallest number', { weight: Number.MIN_VALUE }],
  ['a whole number in a column of fractions', { weight: 3 }],
  ['a number beyond the safe integers', { weight: 1e21 }],
  ['true', { isSpare: true }],
  ['false', { isSpare: false }],
  ['the first millisecond', { made: new Date(0), checked: new Date(1) }],
  ['the millisecond before it', { made: new Date(-1) }],
  [
    'the first and the last year of four digits',
    { made: new Date('0001-01-01T00:00:00.001Z'), checked: new Date('9999-12-31T23:59:59.999Z') },
  ],
  ['a day of the leap year', { made: new Date('2024-02-29T23:59:59.999Z') }],
];

/** Entities come back as they were written. */
export function describeColumns(fact: RelationalFact): void {
  const jsonColumns = jsonSpecimens.map(([name, details]) => [`JSON, ${name}`, { details }] as const);
  for (const [name, members] of [...specimens, ...jsonColumns]) {
    fact(`gives back exactly what was written: ${name}`, async ({ store }) => {
      const parts = store.repository(part);
      const entity = createPart('a', members);
      const stored = { ...entity, version: 1 };
      assert.deepEqual(await parts.add(entity), stored);
      assert.deepEqual(await parts.get('a'), stored);
      assert.deepEqual(await parts.find({}), [stored]);
      assert.deepEqual((await parts.page({ page: 1, pageSize: 1 })).items, [stored]);
      assert.deepEqual(await scanAll(parts, {}), [stored]);
      assert.deepEqual(await parts.update(stored), { ...stored, version: 2 });
      assert.deepEqual(await parts.get('a'), { ...stored, version: 2 });
    });
  }

  fact('absence stays absence, null stays null', async ({ store }) => {
    const parts = store.repository(part);
    await parts.add({
      id: 'a',
      name: undefined,
      weight: null,
      checked: null,
      details: { kept: null, gone: undefined },
    });
    assert.deepEqual(await parts.get('a'), {
      id: 'a',
      weight: null,
      checked: null,
      details: { kept: null },
      version: 1,
    });
  });

  fact('-0 becomes 0', async ({ store }) => {
    const parts = store.repository(part);
    await parts.add(createPart('a', { size: -0, weight: -0, details: [-0] }));
    assert.deepEqual(await parts.get('a'), { ...createPart('a', { size: 0, weight: 0, details: [0] }), version: 1 });
  });

  for (const [name, value] of hostileValues) {
    fact(`refuses an entity that cannot be kept, and changes nothing: ${name}`, async ({ store }) => {
      const parts = store.repository(part);
      const stored = await parts.add(createPart('a', { details: 'older' }));
      const hostile = (id: string) => createPart(id, { details: [value] });
      await assertCode('INVALID', async () => parts.add(hostile('b')));
      await assertCode('INVALID', async () => parts.addMany([createPart('c'), hostile('b')]));
      await assertCode('INVALID', async () => parts.update({ ...hostile('a'), version: 1 }));
      assert.deepEqual(await parts.find({}), [stored]);
    });
  }

  for (const [name, wrong] of [
    ['a member that is not declared', { other: 1 }],
    ['a text where a number belongs', { size: '1' }],
    ['a number where a text belongs', { name: 1 }],
    ['a fraction where an integer belongs', { size: 1.5 }],
    ['an integer that is not safe', { size: 2 ** 53 }],
    ['NaN', { weight: Number.NaN }],
    ['an infinity', { weight: Number.POSITIVE_INFINITY }],
    ['null where only absence is allowed', { name: null }],
    ['absence where null is needed', { weight: undefined }],
    ['a text where a date belongs', { made: '2026-01-01' }],
    ['a date without a time', { made: new Date(Number.NaN) }],
    ['a number where a boolean belongs', { isSpare: 1 }],
    ['a lone surrogate', { name: '\ud800' }],
    ['U+0000', { name: 'a\u0000' }],
  ] as const) {
    fact(`refuses what does not fit the schema, and changes nothing: ${name}`, async ({ store }) => {
      const parts = store.repository(part);
      const stored = await parts.add(createPart('a'));
      await assertCode('INVALID', async () => parts.add(untyped({ ...createPart('b'), ...wrong })));
      await assertCode('INVALID', async () =>
        parts.addMany([createPart('c'), untyped({ ...createPart('b'), ...wrong })]),
      );
      await assertCode('INVALID', async () => parts.update(untyped({ ...stored, ...wrong })));
      assert.deepEqual(await parts.find({}), [stored]);
    });
  }

  fact('what is no entity is refused', async ({ store }) => {
    const parts = store.repository(part);
    for (const wrong of [undefined, null, 'a', [], new Map()]) {
      await assertCode('INVALID', async () => parts.add(untyped(wrong)));
      await assertCode('INVALID', async () => parts.addMany([untyped(wrong)]));
      await assertCode('INVALID', async () => parts.update(untyped(wrong)));
    }
    assert.equal(await parts.count(), 0);
  });

  fact('what is written, returned and read are copies, dates too', async ({ store }) => {
    const parts = store.repository(part);
    const made = new Date(5);
    const details = [1];
    const added = await parts.add(createPart('a', { made, details }));
    made.setTime(6);
    details.push(2);
    added.made?.setTime(7);
    const expected = { ...createPart('a', { made: new Date(5), details: [1] }), version: 1 };
    for (const read of [await parts.get('a'), ...(await parts.find({})), ...(await scanAll(parts, {}))]) {
      assert.deepEqual(read, expected);
      read.made?.setTime(8);
      untyped<number[]>(read.details).push(3);
    }
    assert.deepEqual(await parts.get('a'), expected);
  });
}
