import { describe, expect, it } from 'vitest';
import { createTestRegister, type TestRegister } from '../testing/create-test-register.ts';
import { bitFlip } from '../testing/tamper-record.ts';
import type { TransactionQuery } from './transaction-query.ts';
import type { SealedTransaction, VerifiedRegister } from './verified-register.ts';

const SIZE = 260;
/** Long enough for several stretches; two transactions a docket, of two senders in turn. */
async function openLong(): Promise<{ test: TestRegister; register: VerifiedRegister }> {
  const test = await createTestRegister({ dockets: SIZE, sealed: SIZE });
  return { test, register: await test.open() };
}

const all = ({ dockets }: TestRegister): SealedTransaction[] =>
  dockets.flatMap(({ transactions }, height) =>
    transactions.map((transaction, index) => ({ height, index, transaction })),
  );
const idsOf = (list: readonly SealedTransaction[]) => list.map(({ transaction }) => transaction.id);

/** Reads all pages. */
async function readAll(register: VerifiedRegister, query: TransactionQuery): Promise<SealedTransaction[]> {
  const found: SealedTransaction[] = [];
  let cursor: string | undefined;
  do {
    const page = await register.transactions(cursor === undefined ? query : { ...query, cursor });
    expect(page.transactions.length).toBeLessThanOrEqual(query.limit ?? 100);
    expect(page.unproven).toEqual([]);
    found.push(...page.transactions);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

describe('queries on verified transactions', () => {
  it('give exactly what fits, in both orders and with pages of every size', async () => {
    const { test, register } = await openLong();
    const everything = all(test);
    const [one] = everything;
    const sender = one?.transaction.body.sender ?? '';
    const recipient = one?.transaction.body.recipients[0] ?? '';
    const times = test.dockets.map(({ header }) => header.timestamp);
    const cases: readonly (readonly [TransactionQuery, (sealed: SealedTransaction) => boolean])[] = [
      [{}, () => true],
      [{ sender }, ({ transaction }) => transaction.body.sender === sender],
      [{ recipient }, ({ transaction }) => transaction.body.recipients.includes(recipient)],
      [{ fromHeight: 99, toHeight: 201 }, ({ height }) => height >= 99 && height <= 201],
      [{ fromHeight: 300 }, () => false],
      [
        { fromTime: times[120] ?? 0, toTime: times[130] ?? 0, sender },
        ({ height, transaction }) => height >= 120 && height <= 130 && transaction.body.sender === sender,
      ],
      [
        { metadata: { number: { $gte: 100, $lt: 110 } } },
        ({ transaction }) =>
          Number(transaction.body.metadata['number']) >= 100 && Number(transaction.body.metadata['number']) < 110,
      ],
      [{ metadata: { type: 'none' } }, () => false],
    ];
    for (const [query, fits] of cases) {
      const expected = idsOf(everything.filter(fits));
      for (const limit of [1, 7, 100, 1_000].slice(expected.length > 50 ? 1 : 0)) {
        expect(idsOf(await readAll(register, { ...query, limit }))).toEqual(expected);
        const descending = await readAll(register, { ...query, limit, order: 'descending' });
        expect(idsOf(descending)).toEqual(expected.toReversed());
      }
    }
  });

  it('say where each transaction is, as reading it by its id does', async () => {
    const { test, register } = await openLong();
    const { transactions } = await register.transactions({ fromHeight: 7, toHeight: 7 });
    expect(transactions).toHaveLength(2);
    const [, second] = transactions;
    expect(await register.transaction(second?.transaction.id ?? '')).toEqual(second);
    expect(second?.transaction.id).toBe(test.dockets[7]?.transactions[1]?.id);
  });

  it('never serve damage: what is met is named, and the register is Degraded', async () => {
    const { test, register } = await openLong();
    await test.damage.replace('test', 30, bitFlip(test.dockets[30]?.record ?? new Uint8Array(), 4_000));
    await test.damage.remove('test', 31);
    const page = await register.transactions({ fromHeight: 28, toHeight: 33 });
    expect(new Set(page.transactions.map(({ height }) => height))).toEqual(new Set([28, 29, 32, 33]));
    expect(page.unproven).toMatchObject([
      { from: 30, to: 30 },
      { from: 31, to: 31, kind: 'MissingData' },
    ]);
    expect(register.state).toBe('Degraded');
    expect((await register.transactions({ fromHeight: 40, toHeight: 45 })).unproven).toEqual([]);
    expect((await register.transactions({ fromHeight: 30, toHeight: 30 })).unproven).toHaveLength(1);
  });

  it('refuse cursors of another search, or of nobody', async () => {
    const { register } = await openLong();
    const { cursor = '' } = await register.transactions({ limit: 3 });
    expect((await register.transactions({ limit: 5, cursor })).transactions[0]).toMatchObject({ height: 1, index: 1 });
    const forged = Buffer.from('1 0 0 0123456789abcdef').toString('base64url');
    for (const [query, text] of [
      [{ order: 'descending' }, cursor],
      [{ toHeight: 9 }, cursor],
      [{}, `${cursor}A`],
      [{}, forged],
      [{}, 'x'.repeat(100_000)],
      [{}, ''],
    ] as const) {
      await expect(register.transactions({ ...query, cursor: text })).rejects.toMatchObject({ code: 'INVALID' });
    }
  });

  it.each<object>([
    { limit: 0 },
    { limit: 1_001 },
    { fromHeight: -1 },
    { toTime: 1.5 },
    { order: 'up' },
    { sender: 3 },
    { metadata: { $where: '1' } },
    { unknown: 1 },
  ])('refuse %j, and say which member', async (query) => {
    const register = await (await createTestRegister({ sealed: 1 })).open();
    const error: unknown = await register.transactions(query).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'INVALID' });
    expect(String(error)).toContain(Object.keys(query)[0]);
  });

  it('end with their signal, and with the register', async () => {
    const { register } = await openLong();
    const signal = AbortSignal.abort();
    await expect(register.transactions({ signal })).rejects.toMatchObject({ code: 'TIMEOUT' });
    await register.close();
    await expect(register.transactions({})).rejects.toMatchObject({ code: 'OFFLINE' });
  });
});
