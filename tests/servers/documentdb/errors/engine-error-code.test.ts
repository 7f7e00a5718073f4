import { describe, expect, it } from 'vitest';
import { packSqlState, toMongoCode, unpackSqlState } from './engine-error-code.ts';
import { toErrorCode } from './to-command-error.ts';

describe('error codes of the engine', () => {
  it('become those of MongoDB', () => {
    expect(['M0000', 'M0001', 'M0008', 'M000F', 'M001C', 'M00CO'].map(toMongoCode)).toEqual([1, 2, 26, 48, 11000, 121]);
  });

  it('without a listed code are errors of the request', () => {
    expect(toMongoCode('M00ZZ')).toBe(2);
  });

  it('of PostgreSQL itself are told apart', () => {
    expect(toMongoCode('23505')).toBe(undefined);
    const states = ['23505', '23P01', '40001', '40P01', '55P03', '57014', '42501', '57P01', 'XX000'];
    expect(states.map((state) => toErrorCode(state, false))).toEqual([11000, 11000, 112, 112, 24, 11601, 13, 91, 1]);
    expect(toErrorCode('55P03', true)).toBe(112);
  });

  it('are unpacked as they were packed', () => {
    expect(unpackSqlState(319_029_277)).toBe('M001C');
    for (const state of ['40001', '55P03', 'M00CO', '23P01']) {
      expect(unpackSqlState(packSqlState(state))).toBe(state);
    }
  });
});
