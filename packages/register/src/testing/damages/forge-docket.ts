import { createDocket } from '../../docket/create-docket.ts';
import { createTransaction } from '../../docket/create-transaction.ts';
import type { Docket, DocketHeader } from '../../docket/docket.ts';
import type { DamageTarget } from './damage.ts';
import { readIntact } from './plan-damage.ts';

/** Where a forged docket pretends to stand. */
export type ForgedPlace = Pick<DocketHeader, 'registerId' | 'height' | 'previousHash' | 'timestamp'>;

/** A docket without a flaw of its own, with one transaction that the attacker signed, in the place of the one at `height`. */
export async function forgeDocket(
  target: DamageTarget,
  height: number,
  move: (place: ForgedPlace) => ForgedPlace = (place) => place,
): Promise<Docket> {
  const { header, transactions } = await readIntact(target, height);
  const { registerId, previousHash, timestamp } = header;
  const place = move({ registerId, height, previousHash, timestamp });
  const key = await target.forger(transactions[0]?.body.signer.algorithm ?? 'ed25519');
  const draft = { registerId: place.registerId, timestamp: place.timestamp, payloads: [{ forged: target.random() }] };
  return createDocket({ ...place, transactions: [createTransaction(draft, key)] });
}
