import { describe, expect, it } from 'vitest';
import { createTestLedger } from '../testing/create-test-ledger.ts';
import { createTestRegister } from '../testing/create-test-register.ts';

describe('two registers in one store', () => {
  it('never mix', async () => {
    const test = await createTestRegister({ sealed: 3 });
    const [main, other] = [await test.open(), await test.open({ registerId: 'other' })];
    expect(other).toMatchObject({ size: 0, state: 'Healthy' });
    const sealed = await other.seal([await test.sign({ registerId: 'other' })]);
    await main.seal([await test.sign()]);
    expect(main).toMatchObject({ size: 4 });
    expect(other).toMatchObject({ size: 1, headHash: sealed.hash });
    expect(await main.transaction(sealed.transactionIds[0] ?? '')).toBeUndefined();
    await expect(other.seal([await test.sign()])).rejects.toMatchObject({ code: 'INVALID' });
    expect((await test.open({ registerId: 'other' })).report).toMatchObject({ anchor: 'matched', totalDockets: 1 });
  });

  it('take no record of each other, at any height', async () => {
    const test = await createTestRegister({ sealed: 3 });
    const ledger = { registerId: 'other', dockets: 3, transactionsPerDocket: 2, mix: ['ed25519'] as const };
    const others = (await Array.fromAsync(createTestLedger(ledger))).map(({ record }) => record);
    const other = await test.open({ registerId: 'other' });
    await expect(other.append([test.dockets[0]?.record ?? new Uint8Array()])).rejects.toMatchObject({
      code: 'INVALID',
    });
    await other.append(others);
    await test.damage.replace('test', 1, others[1] ?? new Uint8Array());
    await test.damage.replace('other', 2, others[0] ?? new Uint8Array());
    expect((await test.open()).ranges()).toMatchObject([{ from: 1, to: 1, kind: 'MalformedData' }]);
    const reopened = await test.open({ registerId: 'other' });
    expect(reopened.ranges()).toMatchObject([{ from: 2, to: 2, kind: 'MalformedData' }]);
  });
});
