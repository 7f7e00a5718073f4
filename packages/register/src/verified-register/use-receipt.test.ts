import { describe, expect, it } from 'vitest';
import { createCheckpoint, signNote } from '../anchor/checkpoint.ts';
import { createNodeIdentity, toOrigin } from '../anchor/node-identity.ts';
import { createDocket } from '../docket/create-docket.ts';
import { merkleRoot } from '../docket/merkle-tree.ts';
import { parseTransactionRecord } from '../docket/parse-transaction.ts';
import { requireParsed } from '../docket/parsed.ts';
import { createReceipt } from '../receipt/receipt.ts';
import { createMemoryReceiptStore, type ReceiptStore } from '../receipt/receipt-store.ts';
import { applyDamage } from '../testing/apply-damage.ts';
import { createKeyPool } from '../testing/create-key-pool.ts';
import { createTestRegister, type TestRegister } from '../testing/create-test-register.ts';
import { DAMAGES } from '../testing/damage-catalogue.ts';
import { checkDocket } from '../verification/check-docket.ts';
import { toDocketTable } from '../verification/docket-table.ts';
import type { VerifiedRegister } from './verified-register.ts';

const SIZE = 12;
const DAY_MS = 86_400_000;
const forgers = createKeyPool(1);

async function prepare(
  rest: { readonly dockets?: number } = {},
): Promise<{ test: TestRegister; receipts: ReceiptStore }> {
  const test = await createTestRegister({ dockets: SIZE, sealed: SIZE, ...rest });
  const receipts = createMemoryReceiptStore();
  await (await openWith(test, receipts)).close();
  return { test, receipts };
}

/** Opens the register and waits for the next receipt. */
async function openWith(test: TestRegister, receipts: ReceiptStore): Promise<VerifiedRegister> {
  const before = test.events.length;
  const register = await test.open({ receipts });
  if (register.state === 'Healthy') {
    await expect.poll(() => test.events.slice(before).some(({ type }) => type === 'receipt')).toBe(true);
  }
  return register;
}

async function readText(receipts: ReceiptStore): Promise<Buffer> {
  return Buffer.from((await receipts.read('test')) ?? []);
}

describe('a receipt of an earlier verification', () => {
  it('spares a start all signatures, which are then verified in the background', async () => {
    const { test, receipts } = await prepare();
    const first = await readText(receipts);
    expect(first.toString('latin1')).toContain(`sorcha/receipt/v1\nnode.test/test\n`);
    test.clock.advance(1_000);
    const register = await openWith(test, receipts);
    expect(register.report).toMatchObject({ receipt: 'used', signatures: 0, verifiedDockets: SIZE, state: 'Healthy' });
    expect((await register.docket(3))?.hash).toBe(test.dockets[3]?.hash);
    expect(await register.transaction(test.dockets[5]?.transactions[1]?.id ?? '')).toMatchObject({
      height: 5,
      index: 1,
    });
    expect((await readText(receipts)).equals(first)).toBe(false);
  });

  it('says nothing of dockets that were sealed after it', async () => {
    const { test, receipts } = await prepare();
    const register = await openWith(test, receipts);
    await register.seal([await test.sign(), await test.sign()]);
    await register.close();
    expect((await openWith(test, receipts)).report).toMatchObject({
      receipt: 'used',
      signatures: 2,
      verifiedDockets: SIZE + 1,
    });
  });

  it.each(DAMAGES)('leaves the verdict as it is: $name', async (damage) => {
    const { test, receipts } = await prepare();
    const { changes } = await damage.plan({
      size: SIZE,
      random: Math.random,
      read: async (height) => test.dockets[height]?.record ?? new Uint8Array(),
      forger: async (algorithm) => forgers.get(algorithm, 0),
    });
    await applyDamage(changes, { registerId: 'test', size: SIZE, storage: test.damage });
    const without = await test.open();
    const register = await test.open({ receipts });
    expect(register.report).toMatchObject({ receipt: 'used', verifiedDockets: without.report.verifiedDockets });
    expect(register.ranges()).toEqual(without.ranges());
    expect(register.state).toBe('Degraded');
  });

  it('is not written while something is not proven', async () => {
    const test = await createTestRegister({ dockets: SIZE, sealed: SIZE });
    await test.damage.remove('test', 4);
    const receipts = createMemoryReceiptStore();
    const register = await test.open({ receipts });
    await register.close();
    expect(await receipts.read('test')).toBeUndefined();
  });

  it('that stands for a bad signature is found out in the background', async () => {
    // What a version with a defect could have sealed, anchored and vouched for.
    const { test, receipts } = await prepare();
    const { registerId, cold, anchors, node, clock } = test;
    const [sound] = test.dockets[0]?.transactions ?? [];
    const signature = `${sound?.signature.startsWith('A') === true ? 'B' : 'A'}${sound?.signature.slice(1) ?? ''}`;
    const text = Buffer.from(sound?.record ?? []).toString();
    const other = text.replace(sound?.signature ?? '', signature).replace(/"timestamp":\d+\}$/u, '"timestamp":1}');
    const transactions = [requireParsed(parseTransactionRecord(Buffer.from(other)))];
    const previousHash = test.dockets[SIZE - 1]?.hash ?? '';
    const bad = createDocket({ registerId, height: SIZE, previousHash, timestamp: 1, transactions });
    const hashes = [...test.dockets.map(({ hash }) => hash), bad.hash];
    await cold.append(registerId, SIZE, Buffer.from(bad.record).toString());
    const root = merkleRoot(hashes.map((hash) => Buffer.from(hash, 'hex')));
    const origin = toOrigin(node.name, registerId);
    const note = createCheckpoint(origin, { size: SIZE + 1, root }, node.key);
    const { note: expected } = await anchors.read(registerId);
    await anchors.advance(registerId, { expected, note, size: SIZE + 1, firstHeight: 0, hashes });
    const records = await Array.fromAsync(cold.range(registerId, 0, SIZE));
    const table = toDocketTable(
      records.map((record) => {
        const { badSignature, ...check } = checkDocket(record.bytes, { registerId, height: record.sequence });
        expect(badSignature === undefined).toBe(record.sequence < SIZE);
        return { height: record.sequence, check, seal: record.sha256 };
      }),
    );
    const receipt = { columns: table.toColumns(), verifiedAt: clock.now(), expiresAt: clock.now() + DAY_MS };
    await receipts.write(registerId, createReceipt(receipt, origin, node.key));
    const register = await test.open({ receipts });
    expect(register.report).toMatchObject({
      receipt: 'used',
      signatures: 0,
      verifiedDockets: SIZE + 1,
      state: 'Healthy',
    });
    await expect.poll(() => register.state).toBe('Degraded');
    expect(register.ranges()).toMatchObject([{ from: SIZE, to: SIZE, kind: 'InvalidTransactionSignature' }]);
    await expect(register.docket(SIZE)).rejects.toMatchObject({ code: 'CORRUPTED' });
  });

  const cases: readonly (readonly [string, (test: TestRegister, receipts: ReceiptStore) => Promise<void>, RegExp])[] = [
    [
      'edited',
      async (_, receipts) => {
        const bytes = await readText(receipts);
        bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
        await receipts.write('test', bytes);
      },
      /damaged/,
    ],
    [
      'edited in its signed part',
      async (_, receipts) => {
        const text = (await readText(receipts)).toString('latin1');
        await receipts.write('test', Buffer.from(text.replace('rules 1', 'rules 2'), 'latin1'));
      },
      /not signed/,
    ],
    [
      'of other rules',
      async (test, receipts) => {
        const bytes = await readText(receipts);
        const end = bytes.indexOf('\n\n');
        const text = `${bytes.toString('utf8', 0, end)}\n`.replace('rules 1', 'rules 2');
        const data = bytes.subarray(bytes.indexOf('\n\n', end + 2) + 1);
        const note = signNote(text, 'node.test/test', test.node.key);
        await receipts.write('test', Buffer.concat([Buffer.from(note), data]));
      },
      /other rules/,
    ],
    [
      'cut short',
      async (_, receipts) => receipts.write('test', (await readText(receipts)).subarray(0, -32)),
      /damaged/,
    ],
    ['of nothing', async (_, receipts) => receipts.write('test', Buffer.from('hello')), /not signed/],
    ['whose time is over', async (test) => test.clock.advance(31 * DAY_MS), /time is over/],
    [
      'ahead of the anchored head',
      async (test, receipts) => {
        const register = await openWith(test, receipts);
        const kept = await test.anchors.read('test');
        await register.seal([await test.sign()]);
        await register.close();
        await (await openWith(test, receipts)).close();
        test.anchors.put('test', kept);
        await test.damage.remove('test', SIZE);
      },
      /does not fit the anchored head/,
    ],
  ];
  it.each(cases)('is ignored with a warning when it is %s', async (_, change, reason) => {
    const { test, receipts } = await prepare();
    await change(test, receipts);
    const register = await openWith(test, receipts);
    expect(register.report).toMatchObject({ receipt: 'ignored', state: 'Healthy', signatures: 2 * SIZE });
    expect(register.report.warnings.join()).toMatch(reason);
    await register.close();
    expect((await openWith(test, receipts)).report).toMatchObject({ receipt: 'used', warnings: [] });
  });

  it('of another node or register is ignored', async () => {
    const { test, receipts } = await prepare();
    const other = await createTestRegister({ dockets: SIZE, sealed: SIZE });
    const elsewhere = await other.open({ receipts });
    expect(elsewhere.report).toMatchObject({ receipt: 'ignored', signatures: 2 * SIZE });
    await elsewhere.close();
    const bytes = await readText(receipts);
    const node = await createNodeIdentity('node.test');
    expect(node.key.address).not.toBe(test.node.key.address);
    expect(bytes.length).toBeGreaterThan(0);
  });

  it('that cannot be kept is told, and the register goes on', async () => {
    const test = await createTestRegister({ sealed: 3 });
    const receipts = { ...createMemoryReceiptStore(), write: async () => Promise.reject(new Error('no room')) };
    const register = await openWith(test, receipts);
    expect(test.events.at(-1)).toMatchObject({ type: 'receipt', isWritten: false, reason: 'no room' });
    expect(register.state).toBe('Healthy');
  });
});
