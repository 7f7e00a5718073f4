import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AnchorStore,
  createNodeIdentity,
  type Docket,
  docketWorm,
  type NodeIdentity,
  openFileAnchorStore,
  openVerifiedRegister,
  type VerifiedRegister,
} from '@sorcha/register';
import { applyDamage, createKeyPool, createTestLedger, DAMAGES, type ExpectedDamage } from '@sorcha/register/testing';
import { chooseSeed, createRandom, createTemporaryFolder } from '@sorcha/storage/testing';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { openSqliteRecordDamage } from '@sorcha/storage-sql/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SEEDS = 200;
const SIZE = 30;
const OLD_SIZE = 18;
const REGISTER = 'damaged';
const keys = createKeyPool();
const forgers = createKeyPool(1);
const cleanUp: (() => Promise<void>)[] = [];
let folder: string;
let dockets: Docket[];
let node: NodeIdentity;
let anchors: AnchorStore;

const pristine = () => join(folder, 'pristine.sqlite');
const old = () => join(folder, 'old.sqlite');

beforeAll(async () => {
  folder = await createTemporaryFolder((remove) => cleanUp.push(remove));
  node = await createNodeIdentity('node.test');
  anchors = openFileAnchorStore({ folder: join(folder, 'anchors') });
  dockets = await Array.fromAsync(
    createTestLedger({ registerId: REGISTER, dockets: SIZE, transactionsPerDocket: 4, keys }),
  );
  const records = dockets.map(({ record }) => record);
  await withRegister(pristine(), async (register) => {
    await register.append(records.slice(0, OLD_SIZE));
  });
  await copyFile(pristine(), old());
  await withRegister(pristine(), async (register) => {
    await register.append(records.slice(OLD_SIZE));
  });
});
afterAll(async () => {
  for (const remove of cleanUp) {
    await remove();
  }
});

/** Opens the register on a file, and closes both. */
async function withRegister(file: string, use: (register: VerifiedRegister) => Promise<void>): Promise<void> {
  const cold = await openSqliteWormStore({ file, definition: docketWorm });
  try {
    const register = await openVerifiedRegister({ registerId: REGISTER, cold, anchors, node });
    await use(register);
    await register.close();
  } finally {
    await cold.close();
  }
}

/** Proves that exactly the expected heights are damaged and refused, and that all others are served as they were sealed. */
async function expectDamage(file: string, expected: readonly ExpectedDamage[]): Promise<string[]> {
  const kinds = new Map(
    expected.flatMap(({ from, to, kinds: names }) =>
      Array.from({ length: to - from + 1 }, (_, step) => [from + step, names] as const),
    ),
  );
  const found: string[] = [];
  await withRegister(file, async (register) => {
    const damaged = register.ranges().flatMap(({ from, to, kind }) => {
      found.push(kind);
      return Array.from({ length: to - from + 1 }, (_, step) => [from + step, kind] as const);
    });
    const allowed: unknown = [...kinds].map(([height, names]): unknown[] => [height, expect.toBeOneOf([...names])]);
    expect(damaged).toEqual(allowed);
    expect(register.state).toBe('Degraded');
    for (const [height, { hash, record }] of dockets.entries()) {
      if (kinds.has(height)) {
        await expect(register.docket(height)).rejects.toMatchObject({ code: 'CORRUPTED' });
      } else {
        const served = await register.docket(height);
        expect(served?.hash).toBe(hash);
        expect(Buffer.from(served?.record ?? []).equals(record)).toBe(true);
      }
    }
    const again = dockets[0]?.transactions[0]?.record ?? '';
    await expect(register.seal([again])).rejects.toMatchObject({ code: 'DEGRADED' });
  });
  return found;
}

describe('structural damage on SQLite (SC-002)', () => {
  it('leaves the undamaged register Healthy', async () => {
    await withRegister(pristine(), async (register) => {
      expect(register).toMatchObject({ state: 'Healthy', size: SIZE });
    });
  });

  it(`is found exactly where it is, over the whole catalogue and ${SEEDS} seeds`, async () => {
    const first = chooseSeed('structural-damage');
    const table = new Map(DAMAGES.map(({ name }) => [name, { count: 0, kinds: new Set<string>() }]));
    const file = join(folder, 'damaged.sqlite');
    for (let step = 0; step < SEEDS; step++) {
      const random = createRandom(first + step);
      const damage = DAMAGES[step % DAMAGES.length];
      const plan = await damage?.plan({
        size: SIZE,
        read: async (height) => dockets[height]?.record ?? new Uint8Array(),
        random,
        forger: async (algorithm) => forgers.get(algorithm, 0),
      });
      await copyFile(pristine(), file);
      const storage = await openSqliteRecordDamage({ file, name: docketWorm.name });
      await applyDamage(plan?.changes ?? [], { registerId: REGISTER, size: SIZE, storage });
      await storage.close();
      const found = await expectDamage(file, plan?.expected ?? []);
      const row = table.get(damage?.name ?? '');
      if (row !== undefined) {
        row.count += 1;
        for (const kind of found) row.kinds.add(kind);
      }
    }
    const lines = [...table].map(([name, row]) => `  ${name.padEnd(22)}${row.count} x ${[...row.kinds].join(', ')}`);
    process.stderr.write(`structural-damage: ${SEEDS} of ${SEEDS} found\n${lines.join('\n')}\n`);
    expect([...table.values()].every(({ count }) => count > 0)).toBe(true);
  });

  it('finds an older valid file in place of the database', async () => {
    const expected = [{ from: OLD_SIZE, to: SIZE - 1, kinds: ['RolledBack'] }] as const;
    expect(await expectDamage(old(), expected)).toEqual(['RolledBack']);
  });

  it('finds a record at a height that no writer reaches, and serves all others', async () => {
    const file = join(folder, 'beyond.sqlite');
    await copyFile(pristine(), file);
    const storage = await openSqliteRecordDamage({ file, name: docketWorm.name });
    await storage.insert(REGISTER, 2 ** 60, dockets[1]?.record ?? new Uint8Array());
    await storage.close();
    const height = Number.MAX_SAFE_INTEGER;
    const expected = [{ from: height, to: height, kinds: ['MalformedData'] }] as const;
    expect(await expectDamage(file, expected)).toEqual(['MalformedData']);
  });

  it('finds a new, empty file in place of the database', async () => {
    const file = join(folder, 'new.sqlite');
    const expected = [{ from: 0, to: SIZE - 1, kinds: ['MissingData'] }] as const;
    expect(await expectDamage(file, expected)).toEqual(['MissingData']);
  });
});
