import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromStoredName, hasSpecialName, renameMembers, toStoredName } from './member-names.ts';

const name = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '.', '$', '%', '_', '2', 'E') }),
  fc.constantFrom('_bsontype', '', '%', '$set', '%24', 'é', '\u{1f600}'),
  fc.string(),
);

describe('names of members', () => {
  test.each([
    ['plain', 'plain'],
    ['', '%'],
    ['%', '%25'],
    ['$set', '%24set'],
    ['in$ide', 'in$ide'],
    ['a.b', 'a%2Eb'],
    ['_bsontype', '%5Fbsontype'],
    ['_id', '_id'],
    ['%24set', '%2524set'],
  ])('%j is kept as %j', (given, stored) => {
    expect(toStoredName(given)).toBe(stored);
    expect(fromStoredName(stored)).toBe(given);
  });

  test('any name comes back, and is kept as one that MongoDB takes for a name', () => {
    fc.assert(
      fc.property(name, (given) => {
        const stored = toStoredName(given);
        expect(fromStoredName(stored)).toBe(given);
        expect(stored).not.toMatch(/^\$|\.|^$|^_bsontype$/u);
        expect(hasSpecialName([{ [given]: 1 }])).toBe(stored !== given);
      }),
    );
  });

  test('different names are kept differently', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(toStoredName(a) === toStoredName(b)).toBe(a === b);
      }),
    );
  });

  test('members at every depth are renamed, values never', () => {
    const value = { a: [{ 'b.c': '$x', '': { $d: null } }], e: 1 };
    const stored = renameMembers(value, toStoredName);
    expect(stored).toEqual({ a: [{ 'b%2Ec': '$x', '%': { '%24d': null } }], e: 1 });
    expect(renameMembers(stored, fromStoredName)).toEqual(value);
    expect(hasSpecialName({ a: [[{ b: '$x' }]] })).toBe(false);
  });
});
