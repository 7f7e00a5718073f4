import { parseAddress } from './address.ts';
import { ALGORITHM_NAMES, ALGORITHMS, isAlgorithm } from './algorithm.ts';
import { parseBase64url } from './base64url.ts';
import { isJsonArray, isJsonObject, type JsonValue } from './json-value.ts';
import { LIMITS } from './limits.ts';
import { type Parsed, refuse } from './parsed.ts';
import { isRegisterId } from './register-id.ts';
import { isSha256Hex, sha256Hex } from './sha256.ts';
import { arrayOf, both, type FindProblem, integerFrom, objectOf, readerOf, satisfies } from './shape.ts';
import { parseStrictJson } from './strict-json.ts';
import { type Transaction, type TransactionBody, toSignedBytes } from './transaction.ts';
import { parseUtf8 } from './utf8.ts';

const SPACE = 0x20;

/**
 * Reads a transaction record, `<signature base64url> <body text>`: its form and limits, not whether the key is
 * good and the signature valid, which `checkSignature` decides. The record is kept, not copied.
 */
export function parseTransactionRecord(record: Uint8Array): Parsed<Transaction> {
  if (record.length > LIMITS.transactionBytes) {
    return refuse('LIMIT_EXCEEDED', `the record is longer than ${LIMITS.transactionBytes} bytes`);
  }
  const space = record.indexOf(SPACE);
  if (space === -1) return refuse('INVALID', 'the record must be a signature, one space and a body');
  const bodyBytes = record.subarray(space + 1);
  const body = parseTransactionBody(bodyBytes);
  if (body.problem !== undefined) return body;
  const signature = parseUtf8(record.subarray(0, space)) ?? '';
  const { signatureBytes } = ALGORITHMS[body.value.signer.algorithm];
  if (parseBase64url(signature)?.length !== signatureBytes) {
    return refuse('INVALID', `the signature must be ${signatureBytes} bytes in base64url`);
  }
  return { value: { id: sha256Hex(toSignedBytes(bodyBytes)), body: body.value, signature, record } };
}

/** Reads a transaction body. */
export function parseTransactionBody(bytes: Uint8Array): Parsed<TransactionBody> {
  const text = parseUtf8(bytes);
  if (text === undefined) return refuse('INVALID', 'the body is not valid UTF-8');
  if (text.includes('\n')) return refuse('INVALID', 'the body has a line feed');
  const json = parseStrictJson(text, { hasWholeMembers: true });
  if (json.problem !== undefined) return refuse(json.problem.code, `body: ${json.problem.detail}`);
  return readBody(json.value, 'body');
}

const findAddressProblem: FindProblem = satisfies(
  (value) => typeof value === 'string' && parseAddress(value).problem === undefined,
  'an address',
);

const findRecipientsProblem = both(
  arrayOf(findAddressProblem, LIMITS.recipients),
  satisfies((value) => isJsonArray(value) && new Set(value).size === value.length, 'free of repeats'),
);

const findSignerProblem = both(
  objectOf<TransactionBody['signer']>({
    algorithm: satisfies(isAlgorithm, `one of ${ALGORITHM_NAMES.join(', ')}`),
    publicKey: satisfies((value) => typeof value === 'string', 'base64url text'),
  }),
  satisfies(hasKeyOfRightLength, "a base64url key of its algorithm's length"),
);

const readBody = readerOf<TransactionBody>({
  registerId: satisfies(isRegisterId, 'a register id'),
  sender: findAddressProblem,
  signer: findSignerProblem,
  recipients: findRecipientsProblem,
  previousTransactionId: satisfies((value) => value === null || isSha256Hex(value), 'null or 64 lower-case hex digits'),
  timestamp: integerFrom(0),
  metadata: satisfies(isJsonObject, 'a JSON object'),
  payloads: arrayOf(() => undefined, LIMITS.payloads),
});

function hasKeyOfRightLength(signer: JsonValue): boolean {
  if (!isJsonObject(signer)) return false;
  const { algorithm, publicKey } = signer;
  if (!isAlgorithm(algorithm) || typeof publicKey !== 'string') return false;
  return parseBase64url(publicKey)?.length === ALGORITHMS[algorithm].publicKeyBytes;
}
