import { expect, it } from 'vitest';
import type { Algorithm } from '../docket/algorithm.ts';
import type { Docket } from '../docket/docket.ts';
import { createKeyPool } from '../testing/create-key-pool.ts';
import { createTestLedger } from '../testing/create-test-ledger.ts';
import { toAnchor, toChainRecord } from '../testing/judge-stored.ts';
import { bitFlip } from '../testing/tamper-record.ts';
import { checkDocket } from './check-docket.ts';
import type { CorruptionKind } from './corruption.ts';
import { judgeChain } from './judge-chain.ts';

/** A part in every run; `SORCHA_TEST_DOCKETS=100` for the whole claim. */
const DOCKETS = Number(process.env['SORCHA_TEST_DOCKETS'] ?? 30);
const WINDOW = 3;
const REGISTER = 'r';
const keys = createKeyPool();

/** Chains of three dockets with one or two small transactions each; the last chain has the large RSA signatures. */
async function createChains(): Promise<Docket[][]> {
  return Promise.all(
    Array.from({ length: Math.ceil(DOCKETS / WINDOW) }, (_, index) => {
      const mix: Algorithm[] = index === 9 ? ['rsa-4096', 'ed25519'] : ['ed25519', 'p-256', 'ed25519'];
      const transactionsPerDocket = 1 + (index % 2);
      return Array.fromAsync(
        createTestLedger({ registerId: REGISTER, dockets: WINDOW, transactionsPerDocket, mix, keys, startTime: index }),
      );
    }),
  );
}

/** Flips every bit of the docket at `height` and gives how often that was found, there alone and as sensible damage. */
function countDetected(
  chain: readonly Docket[],
  height: number,
): { flips: number; kinds: Map<CorruptionKind, number> } {
  const anchor = toAnchor(chain, 'hint');
  const intact = chain.map((docket, index) => toChainRecord(docket.record, index, REGISTER));
  const record = chain[height]?.record ?? new Uint8Array();
  const kinds = new Map<CorruptionKind, number>();
  for (let bit = 0; bit < record.length * 8; bit++) {
    const check = checkDocket(bitFlip(record, bit), { registerId: REGISTER, height });
    const { verdicts } = judgeChain({ records: intact.with(height, { height, check }), anchor });
    const damaged = verdicts.filter(({ damage }) => damage !== undefined);
    const [only] = damaged;
    if (damaged.length === 1 && only?.height === height && only.damage !== undefined) {
      kinds.set(only.damage.kind, (kinds.get(only.damage.kind) ?? 0) + 1);
    }
  }
  return { flips: record.length * 8, kinds };
}

it(`finds every single flipped bit of ${DOCKETS} dockets at its height, and blames no neighbour (SC-002)`, {
  timeout: 1_200_000,
}, async () => {
  const chains = await createChains();
  const dockets = chains.flatMap((chain) => chain.map((_, height) => ({ chain, height }))).slice(0, DOCKETS);
  const totals = new Map<CorruptionKind, number>();
  const startedAt = performance.now();
  let flips = 0;
  let bytes = 0;
  for (const { chain, height } of dockets) {
    const found = countDetected(chain, height);
    flips += found.flips;
    bytes += chain[height]?.record.length ?? 0;
    for (const [kind, count] of found.kinds) totals.set(kind, (totals.get(kind) ?? 0) + count);
  }
  const detected = [...totals.values()].reduce((sum, count) => sum + count, 0);
  const list = [...totals].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(
    `bit flips: ${detected} of ${flips} detected, in ${dockets.length} dockets of ${bytes} bytes, ${seconds} s (${list})`,
  );
  expect(dockets).toHaveLength(DOCKETS);
  expect(flips).toBe(bytes * 8);
  expect(detected).toBe(flips);
  expect([...totals.keys()].sort()).toEqual(['InvalidDocketHash', 'MalformedData']);
});
