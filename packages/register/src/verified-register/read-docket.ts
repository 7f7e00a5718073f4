import { isWormRecordIntact, type WormRecord } from '@sorcha/storage';
import type { Docket } from '../docket/docket.ts';
import { parseDocketRecord } from '../docket/parse-docket.ts';
import { quote, requireParsed } from '../docket/parsed.ts';
import { RegisterError } from '../docket/register-error.ts';
import { isSha256Hex, sha256Hex, ZERO_HASH } from '../docket/sha256.ts';
import { checkDocket } from '../verification/check-docket.ts';
import type { Damage } from '../verification/corruption.ts';
import { readOne, type UnreadableRecord } from './read-records.ts';
import { corrupted, initializing, type RegisterCore, reportDamage, requireOnline } from './register-core.ts';
import type { SealedTransaction } from './verified-register.ts';

/** See `VerifiedRegister.docket`. */
export async function readDocket(core: RegisterCore, height: number): Promise<Docket | undefined> {
  requireOnline(core);
  if (!Number.isSafeInteger(height) || height < 0) {
    throw new RegisterError('INVALID', `The height ${String(height)} is refused; heights are whole numbers from 0.`);
  }
  const known = core.facts.damage(height);
  if (known !== undefined) {
    throw corrupted(height, known);
  }
  const facts = core.facts.facts(height);
  if (facts === undefined) {
    return readEarly(core, height);
  }
  const cached = core.payloads.get(height);
  if (cached !== undefined && sha256Hex(cached) === facts.digest) {
    return requireParsed(parseDocketRecord(cached));
  }
  const { registerId, cold } = core.options;
  const record = await readOne(cold, registerId, height);
  requireOnline(core);
  // The proof is the digest; the storage's own seal says nothing that it does not.
  if (record !== undefined && 'bytes' in record && sha256Hex(record.bytes) === facts.digest) {
    core.payloads.put(height, record.bytes);
    return requireParsed(parseDocketRecord(record.bytes));
  }
  throw reportDamage(core, height, describeChange(registerId, height, record));
}

/**
 * Verifies one docket that a progressive start has not come to, against the hash that the anchored head proves for its height. That
 * start has the last word on it, and is told nothing.
 */
async function readEarly(core: RegisterCore, height: number): Promise<Docket | undefined> {
  const { beginning, options } = core;
  if (beginning === undefined || height >= beginning.size) {
    return undefined;
  }
  const { registerId, cold } = options;
  const { proven } = beginning;
  const record = await readOne(cold, registerId, height);
  requireOnline(core);
  if (record !== undefined && 'bytes' in record && isWormRecordIntact(record)) {
    const { damage, badSignature, hash, previousHash } = checkDocket(record.bytes, { registerId, height });
    const isLinked = previousHash === (height === 0 ? ZERO_HASH : proven.at(height - 1));
    if (damage === undefined && badSignature === undefined && hash === proven.at(height) && isLinked) {
      return requireParsed(parseDocketRecord(record.bytes));
    }
  }
  throw corrupted(height, describeChange(registerId, height, record));
}

/** See `VerifiedRegister.transaction`. */
export async function readTransaction(core: RegisterCore, id: string): Promise<SealedTransaction | undefined> {
  requireOnline(core);
  if (!isSha256Hex(id)) {
    throw new RegisterError('INVALID', `${quote(String(id))} is no transaction id: 64 lower-case hex digits.`);
  }
  const place = core.facts.find(id);
  if (place === undefined) {
    if (core.beginning !== undefined) {
      throw initializing(core, `whether there is a transaction ${id} is not known`);
    }
    return undefined;
  }
  const docket = await readDocket(core, place.height);
  const transaction = docket?.transactions[place.index];
  return transaction === undefined ? undefined : { ...place, transaction };
}

/** What is wrong with bytes that are not the proven ones. */
export function describeChange(
  registerId: string,
  height: number,
  record: WormRecord | UnreadableRecord | undefined,
): Damage {
  if (record === undefined) {
    return { kind: 'MissingData', detail: 'the docket is absent' };
  }
  if ('unreadable' in record) {
    return { kind: 'MalformedData', detail: `the record cannot be read: ${record.unreadable}` };
  }
  const { damage, badSignature } = checkDocket(record.bytes, { registerId, height });
  if (badSignature !== undefined) {
    return { kind: 'InvalidTransactionSignature', detail: `transaction ${badSignature.index}: ${badSignature.detail}` };
  }
  return damage ?? { kind: 'Forked', detail: 'the stored docket is not the one that was verified' };
}
