import type { WormStore } from '@sorcha/storage';
import { createMemoryWormStore, type MemoryWormRecords } from '@sorcha/storage/memory';
import { createManualClock, type ManualClock } from '@sorcha/storage/testing';
import type { AnchorStore } from '../anchor/anchor-store.ts';
import { createMemoryAnchorStore } from '../anchor/memory-anchor-store.ts';
import { createNodeIdentity, type NodeIdentity } from '../anchor/node-identity.ts';
import { createTransaction, type TransactionDraft } from '../docket/create-transaction.ts';
import type { Docket } from '../docket/docket.ts';
import { docketWorm } from '../verified-register/docket-definition.ts';
import { openVerifiedRegister } from '../verified-register/open-verified-register.ts';
import type { RegisterEvent, RegisterOptions } from '../verified-register/register-options.ts';
import type { VerifiedRegister } from '../verified-register/verified-register.ts';
import type { RecordDamage } from './apply-damage.ts';
import { createKeyPool } from './create-key-pool.ts';
import { createMemoryRecordDamage } from './create-memory-record-damage.ts';
import { createTestLedger } from './create-test-ledger.ts';

/** The register `test` in memory, the next dockets to append to it, and hands on everything below it. */
export interface TestRegister {
  readonly registerId: string;
  readonly clock: ManualClock;
  readonly records: MemoryWormRecords;
  readonly damage: RecordDamage;
  readonly cold: WormStore<string>;
  readonly anchors: ReturnType<typeof createMemoryAnchorStore>;
  readonly node: NodeIdentity;
  /** All events of all that was opened, in order. */
  readonly events: RegisterEvent[];
  /** A ledger of Ed25519 transactions, two a docket. */
  readonly dockets: readonly Docket[];
  /** Opens another view of the same stores. */
  readonly open: (rest?: Partial<RegisterOptions>) => Promise<VerifiedRegister>;
  /** Signs a new transaction; no two are the same. */
  readonly sign: (draft?: Partial<TransactionDraft>) => Promise<Uint8Array>;
  /** Plays a writer that crashed behind a step of appending the docket at a height. */
  readonly crash: (height: number, step: 'announced' | 'stored') => Promise<void>;
}

const REGISTER = 'test';
const keys = createKeyPool(2);

/** Prepares an empty register; with `sealed`, its first dockets are appended. */
export async function createTestRegister(
  options: { readonly dockets?: number; readonly sealed?: number } = {},
): Promise<TestRegister> {
  const { dockets: count = 6, sealed = 0 } = options;
  const clock = createManualClock();
  const records: MemoryWormRecords = new Map();
  const anchors = createMemoryAnchorStore();
  const node = await createNodeIdentity('node.test');
  const events: RegisterEvent[] = [];
  const cold = createMemoryWormStore({ definition: docketWorm, clock, records });
  const ledger = { registerId: REGISTER, dockets: count, transactionsPerDocket: 2, mix: ['ed25519'] as const, keys };
  const dockets = await Array.fromAsync(createTestLedger(ledger));
  const onEvent = (event: RegisterEvent) => events.push(event);
  const open: TestRegister['open'] = async (rest = {}) =>
    openVerifiedRegister({ registerId: REGISTER, cold, anchors, node, clock, onEvent, ...rest });
  if (sealed > 0) {
    const register = await open();
    await register.append(dockets.slice(0, sealed).map(({ record }) => record));
    await register.close();
    events.length = 0;
  }
  let signed = 0;
  return {
    registerId: REGISTER,
    clock,
    records,
    damage: createMemoryRecordDamage(records),
    cold,
    anchors,
    node,
    events,
    dockets,
    open,
    sign: async (draft = {}) => {
      signed += 1;
      const whole = { registerId: REGISTER, timestamp: clock.now(), payloads: [{ signed }], ...draft };
      return createTransaction(whole, await keys.get('ed25519', 0)).record;
    },
    crash: async (height, step) => crash({ cold, anchors }, dockets[height], step),
  };
}

async function crash(
  { cold, anchors }: { readonly cold: WormStore<string>; readonly anchors: AnchorStore },
  docket: Docket | undefined,
  step: 'announced' | 'stored',
): Promise<void> {
  if (docket === undefined) {
    throw new RangeError('The ledger has no such docket.');
  }
  const { header, hash, record } = docket;
  await anchors.announce(header.registerId, header.height, [hash]);
  if (step === 'stored') {
    await cold.append(header.registerId, header.height, Buffer.from(record).toString());
  }
}
