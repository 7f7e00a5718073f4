import { describe, expect, it } from 'vitest';
import { builtInPrivileges } from './built-in-roles.ts';
import { isGranted, type Need, type Resource } from './privilege.ts';

const on = (database: string, collection: string): Need => ({ anyOf: ['find'], on: { database, collection } });
const grants = (resource: Resource, need: Need, actions = ['find']) => isGranted([{ resource, actions }], need);

describe('a privilege', () => {
  it.each([
    [{ db: 'd', collection: 'c' }, on('d', 'c'), true],
    [{ db: 'd', collection: 'c' }, on('d', 'other'), false],
    [{ db: 'd', collection: 'c' }, on('other', 'c'), false],
    [{ db: 'd', collection: 'c' }, on('d', ''), false],
    [{ db: 'd', collection: '' }, on('d', 'c'), true],
    [{ db: 'd', collection: '' }, on('d', ''), true],
    [{ db: 'd', collection: '' }, on('d', 'system.users'), false],
    [{ db: '', collection: 'c' }, on('any', 'c'), true],
    [{ db: '', collection: '' }, on('any', 'any'), true],
    [{ db: '', collection: '' }, { anyOf: ['find'], on: 'cluster' }, false],
    [{ cluster: true }, { anyOf: ['find'], on: 'cluster' }, true],
    [{ cluster: true }, on('d', 'c'), false],
    [{ anyResource: true }, on('d', 'system.users'), true],
  ] as const)('on %j covers %j: %s', (resource, need, expected) => {
    expect(grants(resource, need)).toBe(expected);
  });

  it('is for its actions only', () => {
    expect(grants({ db: 'd', collection: 'c' }, on('d', 'c'), ['insert'])).toBe(false);
    expect(grants({ db: 'd', collection: 'c' }, on('d', 'c'), ['anyAction'])).toBe(true);
  });
});

describe('the roles that are always there', () => {
  const can = (role: string, action: string, database = 'd') =>
    isGranted(builtInPrivileges(role, database) ?? [], { anyOf: [action], on: { database: 'd', collection: 'c' } });

  it('allow what MongoDB allows them', () => {
    expect(['find', 'insert', 'collMod', 'createUser'].map((action) => can('read', action))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(
      ['find', 'update', 'dropCollection', 'collMod', 'bypassDocumentValidation'].map((a) => can('readWrite', a)),
    ).toEqual([true, true, true, false, false]);
    expect(['find', 'collMod', 'bypassDocumentValidation'].map((action) => can('dbAdmin', action))).toEqual([
      false,
      true,
      true,
    ]);
    expect(can('root', 'anything', 'admin')).toBe(true);
  });

  it('for all databases belong to admin', () => {
    expect(can('readWriteAnyDatabase', 'insert', 'admin')).toBe(true);
    expect(builtInPrivileges('readWriteAnyDatabase', 'd')).toBe(undefined);
    expect(builtInPrivileges('root', 'd')).toBe(undefined);
  });
});
