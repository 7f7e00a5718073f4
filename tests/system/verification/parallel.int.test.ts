import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ColdSource,
  createMemoryAnchorStore,
  createNodeIdentity,
  type Docket,
  docketWorm,
  openVerifiedRegister,
  type RegisterVerification,
  toTrustedNode,
  verifyRegister,
} from '@sorcha/register';
import { applyDamage, createKeyPool, createTestLedger, DAMAGES } from '@sorcha/register/testing';
import { chooseSeed, createRandom, createTemporaryFolder } from '@sorcha/storage/testing';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { openSqliteRecordDamage } from '@sorcha/storage-sql/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SIZE = 40;
const REGISTER = 'damaged';
const keys = createKeyPool();
const forgers = createKeyPool(1);
const node = await createNodeIdentity('node.test');
const anchors = createMemoryAnchorStore();
const cleanUp: (() => Promise<void>)[] = [];
let folder: string;
let dockets: Docket[];

beforeAll(async () => {
  folder = await createTemporaryFolder((remove) => cleanUp.push(remove));
  dockets = await Array.fromAsync(
    createTestLedger({ registerId: REGISTER, dockets: SIZE, transactionsPerDocket: 3, keys }),
  );
  const cold = await openSqliteWormStore({ file: pristine(), definition: docketWorm });
  const register = await openVerifiedRegister({ registerId: REGISTER, cold, anchors, node });
  await register.append(dockets.map(({ record }) => record));
  await register.close();
  await cold.close();
});
afterAll(async () => {
  for (const remove of cleanUp) {
    await remove();
  }
});

const pristine = () => join(folder, 'pristine.sqlite');
const sourceOf = (file: string): ColdSource => ({
  module: import.meta.resolve('@sorcha/storage-sql'),
  name: 'openSqliteWormStore',
  options: { file, readOnly: true },
});

/** Verifies a file, in the calling thread or in two others. */
async function verify(
  file: string,
  options: { readonly isParallel: boolean; readonly source?: ColdSource; readonly signal?: AbortSignal },
): Promise<RegisterVerification> {
  const { isParallel, source = sourceOf(file), signal } = options;
  const cold = await openSqliteWormStore({ file, definition: docketWorm, readOnly: true });
  try {
    return await verifyRegister({
      registerId: REGISTER,
      cold,
      anchors,
      node: toTrustedNode(node),
      clock: { now: () => 0 },
      ...(isParallel ? { parallel: { source, threads: 2, fewestDockets: 1, caller: 'waits' } } : {}),
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await cold.close();
  }
}

/** Everything that must not depend on how the work was divided. */
function toFindings({ judgement, ranges, anchor, table, ...counts }: RegisterVerification) {
  const { verifiedDockets, verifiedTransactions, signatures } = counts;
  const records = Array.from({ length: table.length }, (_, row) => table.record(row));
  return { judgement, ranges, anchor, verifiedDockets, verifiedTransactions, signatures, records };
}

describe('threads', () => {
  it('find what one thread finds in an intact register', async () => {
    const alone = await verify(pristine(), { isParallel: false });
    expect(alone).toMatchObject({ verifiedDockets: SIZE, signatures: 3 * SIZE, ranges: [] });
    expect(toFindings(await verify(pristine(), { isParallel: true }))).toEqual(toFindings(alone));
  });

  it.each(DAMAGES)('find what one thread finds after $name', async (damage) => {
    const { name } = damage;
    const random = createRandom(chooseSeed(`threads, ${name}`));
    const file = join(folder, `${name}.sqlite`);
    await copyFile(pristine(), file);
    const { changes } = await damage.plan({
      size: SIZE,
      random,
      read: async (height) => dockets[height]?.record ?? new Uint8Array(),
      forger: async (algorithm) => forgers.get(algorithm, 0),
    });
    const storage = await openSqliteRecordDamage({ file, name: docketWorm.name });
    await applyDamage(changes, { registerId: REGISTER, size: SIZE, storage });
    await storage.close();
    const alone = toFindings(await verify(file, { isParallel: false }));
    expect(alone.ranges).not.toEqual([]);
    expect(toFindings(await verify(file, { isParallel: true }))).toEqual(alone);
  });

  it('stop when the signal fires', async () => {
    const abort = new AbortController();
    const verifying = verify(pristine(), { isParallel: true, signal: abort.signal });
    setTimeout(() => abort.abort(), 30);
    await expect(verifying).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it.each([
    [{ module: 'no-such-module', name: 'open', options: {} }, 'INVALID', 'no-such-module'],
    [{ module: import.meta.resolve('@sorcha/storage-sql'), name: 'open', options: {} }, 'INVALID', '"open"'],
    [sourceOf('/nowhere/cold.sqlite'), 'UNAVAILABLE', '/nowhere'],
  ])('that cannot open cold storage say why: %j', async (source, code, text) => {
    const error: unknown = await verify(pristine(), { isParallel: true, source }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(text);
  });
});
