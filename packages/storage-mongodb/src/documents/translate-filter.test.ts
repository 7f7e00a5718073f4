import { parseFilter } from '@sorcha/storage';
import { describe, expect, test } from 'vitest';
import { translateFilter } from './translate-filter.ts';

const translate = (filter: unknown) => translateFilter(parseFilter(filter), 'id');
const nothing = { _id: { $in: [] } };

describe('what means the same in MongoDB is translated', () => {
  test.each<[unknown, unknown]>([
    [{}, {}],
    [{ id: 'x' }, { _id: { $eq: 'x' } }],
    [{ a: '$where' }, { 'doc.a': { $eq: '$where' } }],
    [{ 'a.b': { $gt: 1, $lte: 2 } }, { $and: [{ 'doc.a.b': { $gt: 1 } }, { 'doc.a.b': { $lte: 2 } }] }],
    [{ a: { $ne: 1 } }, { $nor: [{ 'doc.a': { $eq: 1 } }] }],
    [{ a: { $in: [1, null, ['x']] } }, { 'doc.a': { $in: [1, null, ['x']] } }],
    [{ a: { $gte: null } }, { 'doc.a': { $eq: null } }],
    [{ a: { $lt: null } }, nothing],
    [{ a: { $all: [] } }, nothing],
    [{ a: { $exists: false } }, { $nor: [{ 'doc.a': { $exists: true } }] }],
    [{ a: { $startsWith: 'a.b*' } }, { 'doc.a': { $regex: '^a\\.b\\*' } }],
    [{ a: { $startsWith: '' } }, { 'doc.a': { $type: 'string' } }],
    [{ a: { $elemMatch: { $gt: 1, $not: { $eq: 5 } } } }, { 'doc.a': { $elemMatch: { $gt: 1, $not: { $eq: 5 } } } }],
    [{ a: { $elemMatch: { b: 1 } } }, { 'doc.a': { $elemMatch: { $and: [{ b: { $eq: 1 } }] } } }],
    [{ $or: [{ a: 1 }, { b: 2 }] }, { $or: [{ 'doc.a': { $eq: 1 } }, { 'doc.b': { $eq: 2 } }] }],
    [{ 'a%.b': 1 }, { 'doc.a%25.b': { $eq: 1 } }],
    [{ 'a._bsontype': 'Code' }, { 'doc.a.%5Fbsontype': { $eq: 'Code' } }],
  ])('%j', (filter, query) => {
    expect(translate(filter)).toEqual({ query, isExact: true });
  });
});

describe('what does not is narrowed, and decided here', () => {
  test.each<[unknown, unknown]>([
    [{ a: { b: 1, c: { d: 2 } } }, { $and: [{ 'doc.a': { $type: 'object' } }, { 'doc.a.b': { $eq: 1 } }] }],
    [{ a: { $gt: { b: 1 } } }, { 'doc.a': { $type: 'object' } }],
    [{ a: { $gt: [1] } }, { 'doc.a': { $type: 'array' } }],
    [{ a: [{ b: 1 }] }, { 'doc.a': { $type: 'array' } }],
    [{ a: { $in: [1, { b: 1 }] } }, { $or: [{ 'doc.a': { $in: [1] } }, { 'doc.a': { $type: 'object' } }] }],
    [{ a: { $elemMatch: { $exists: true } } }, { 'doc.a': { $type: 'array' } }],
    [{ a: 1, b: { c: {} } }, { $and: [{ 'doc.a': { $eq: 1 } }, { 'doc.b': { $type: 'object' } }] }],
    // The opposite of more than is meant would be less.
    [{ a: { $ne: { b: 1 } } }, {}],
    [{ $or: [{ a: 1 }, { a: { $ne: { b: 1 } } }] }, {}],
  ])('%j', (filter, query) => {
    expect(translate(filter)).toEqual({ query, isExact: false });
  });

  test('a text that is too long for a regular expression', () => {
    const prefix = 'x'.repeat(10_000);
    expect(translate({ a: { $startsWith: prefix } })).toEqual({ query: { 'doc.a': { $gte: prefix } }, isExact: false });
  });
});
