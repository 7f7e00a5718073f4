import { decodeExactly, encodeDocument } from '../bson/encode-document.ts';
import type { Engine } from '../engine/open-engine.ts';
import { describeDuplicate } from './describe-duplicate.ts';
import { unpackSqlState } from './engine-error-code.ts';
import { ERROR } from './error-names.ts';
import { toErrorCode } from './to-command-error.ts';

/** The write whose reply is translated. */
export interface TranslatedWrite {
  readonly engine: Engine;
  readonly database: string;
  readonly collection: string;
  readonly isInTransaction: boolean;
  /** The document with this place among those to insert; `undefined` for other writes. */
  readonly documentAt: (index: number) => Readonly<Record<string, unknown>> | undefined;
}

/** The reply to a write, in MongoDB's words. */
export interface TranslatedReply {
  readonly reply: Buffer;
  readonly hasErrors: boolean;
}

/** Gives the `writeErrors` of a reply MongoDB's codes and fields. */
export async function translateWriteErrors(reply: Buffer, write: TranslatedWrite): Promise<TranslatedReply> {
  if (!reply.includes('writeErrors')) {
    return { reply, hasErrors: false };
  }
  const decoded = decodeExactly(reply);
  const writeErrors: readonly unknown[] = Array.isArray(decoded['writeErrors']) ? decoded['writeErrors'] : [];
  if (writeErrors.length === 0) {
    return { reply, hasErrors: false };
  }
  const translated: Record<string, unknown>[] = [];
  for (const writeError of writeErrors) {
    translated.push(await translate(new Map(Object.entries(writeError ?? {})), write));
  }
  return { reply: encodeDocument({ ...decoded, writeErrors: translated }), hasErrors: true };
}

async function translate(
  writeError: ReadonlyMap<string, unknown>,
  write: TranslatedWrite,
): Promise<Record<string, unknown>> {
  const [index, packed, errmsg] = [
    Number(writeError.get('index')),
    Number(writeError.get('code')),
    writeError.get('errmsg'),
  ];
  const message = typeof errmsg === 'string' ? errmsg : '';
  const code = toErrorCode(unpackSqlState(packed), write.isInTransaction);
  if (code === ERROR.duplicateKey) {
    const name = /Index '(.+)'$/s.exec(message)?.[1] ?? '_id_';
    const { database, collection, engine } = write;
    const place = { database, collection, index: { name }, document: write.documentAt(index) };
    return { index, code, ...(await describeDuplicate(engine, place)) };
  }
  if (code === ERROR.documentFailedValidation) {
    const failingDocumentId = write.documentAt(index)?.['_id'];
    return {
      index,
      code,
      errmsg: message,
      errInfo: failingDocumentId === undefined ? {} : { failingDocumentId },
    };
  }
  return { index, code, errmsg: message };
}
