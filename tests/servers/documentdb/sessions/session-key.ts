import { BSON } from 'mongodb';
import type { BsonDocument } from '../bson/bson-document.ts';
import { isPlainDocument } from '../bson/bson-document.ts';

/** A session of a driver as text: its id in hexadecimal digits. */
export type SessionKey = string;

/** Which session, and which step of it, a command belongs to. */
export interface SessionStep {
  readonly session: SessionKey;
  readonly txnNumber: bigint;
  /** A command of a transaction of several; else a write that may be sent again. */
  readonly isTransaction: boolean;
  readonly isFirst: boolean;
}

/** Reads the step from a command; `undefined` for one that belongs to no transaction and is sent only once. */
export function readSessionStep(body: BsonDocument): SessionStep | undefined {
  const session = readSessionKey(body.get('lsid'));
  const txnNumber = body.get('txnNumber');
  if (session === undefined || (typeof txnNumber !== 'bigint' && typeof txnNumber !== 'number')) {
    return undefined;
  }
  return {
    session,
    txnNumber: BigInt(txnNumber),
    isTransaction: body.get('autocommit') === false,
    isFirst: body.get('startTransaction') === true,
  };
}

/** Reads the id of a session: `{ id: <UUID> }`. */
export function readSessionKey(lsid: unknown): SessionKey | undefined {
  const id = isPlainDocument(lsid) ? lsid['id'] : undefined;
  return id instanceof BSON.Binary ? Buffer.from(id.value()).toString('hex') : undefined;
}
