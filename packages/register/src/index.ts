export {
  type AnchorDocumentStores,
  anchorAnnouncements,
  anchorHashes,
  anchorHeads,
} from './anchor/anchor-documents.ts';
export type { AnchorAdvance, AnchorState, AnchorStore, Announcement } from './anchor/anchor-store.ts';
export { createCheckpoint, parseCheckpoint, type RegisterHead, toVerifierKey } from './anchor/checkpoint.ts';
export { createDocumentAnchorStore } from './anchor/document-anchor-store.ts';
export { openFileAnchorStore } from './anchor/file-anchor-store.ts';
export { createMemoryAnchorStore } from './anchor/memory-anchor-store.ts';
export {
  createNodeIdentity,
  type NodeIdentity,
  parseNodeIdentity,
  type TrustedNode,
  toNodeIdentityText,
  toOrigin,
  toTrustedNode,
} from './anchor/node-identity.ts';
export { type Address, parseAddress, toAddress } from './docket/address.ts';
export { ALGORITHM_NAMES, ALGORITHMS, type Algorithm, type AlgorithmFormat, isAlgorithm } from './docket/algorithm.ts';
export { toCanonicalJson } from './docket/canonical-json.ts';
export { checkSignature, checkTransaction } from './docket/check-transaction.ts';
export { createDocket, type DocketDraft } from './docket/create-docket.ts';
export { createTransaction, type TransactionDraft } from './docket/create-transaction.ts';
export type { Docket, DocketHeader } from './docket/docket.ts';
export { isJsonObject, type JsonObject, type JsonValue } from './docket/json-value.ts';
export { LIMITS } from './docket/limits.ts';
export { createMerkleAccumulator, type MerkleAccumulator, merkleRoot } from './docket/merkle-tree.ts';
export { type DocketParse, parseDocketRecord, type ReadableParts } from './docket/parse-docket.ts';
export { parseTransactionRecord } from './docket/parse-transaction.ts';
export type { Parsed, Problem } from './docket/parsed.ts';
export { type PublicKey, parsePublicKey } from './docket/public-key.ts';
export { RegisterError, type RegisterErrorCode } from './docket/register-error.ts';
export { isRegisterId } from './docket/register-id.ts';
export { isSha256Hex, ZERO_HASH } from './docket/sha256.ts';
export { isSignatureValid } from './docket/signature.ts';
export { SIGNATURE_ENGINE, type SignatureEngine } from './docket/signature-engine.ts';
export { createSigningKey, importSigningKey, type SigningKey } from './docket/signing-key.ts';
export { parseStrictJson } from './docket/strict-json.ts';
export { type Transaction, type TransactionBody, toSignedBytesOfRecord } from './docket/transaction.ts';
export type { ParallelOptions } from './parallel/check-in-parallel.ts';
export type { ColdSource } from './parallel/cold-source.ts';
export { createMemoryReceiptStore, openFileReceiptStore, type ReceiptStore } from './receipt/receipt-store.ts';
export { type RegisterState, STATE_TRANSITIONS, type StateCause, type StateChange } from './state/register-state.ts';
export type { AnchoredHead, ChainInput, ChainRecord } from './verification/chain-input.ts';
export { type BadSignature, checkDocket, type DocketCheck, type DocketPlace } from './verification/check-docket.ts';
export {
  CORRUPTION_KINDS,
  type CorruptionKind,
  type CorruptionRange,
  type Damage,
  type HeightVerdict,
  toCorruptionRanges,
} from './verification/corruption.ts';
export type { DocketTable } from './verification/docket-table.ts';
export { type ChainJudgement, judgeChain } from './verification/judge-chain.ts';
export { recordAt } from './verification/proven-hashes.ts';
export { docketWorm } from './verified-register/docket-definition.ts';
export { openVerifiedRegister } from './verified-register/open-verified-register.ts';
export type { VerificationProgress } from './verified-register/read-register.ts';
export type { RegisterEvent, RegisterOptions } from './verified-register/register-options.ts';
export type { StartupReport } from './verified-register/startup-report.ts';
export type { TransactionPage, TransactionQuery } from './verified-register/transaction-query.ts';
export type {
  SealedDocket,
  SealedTransaction,
  SealOptions,
  VerifiedRegister,
} from './verified-register/verified-register.ts';
export {
  type AnchorComparison,
  type RegisterVerification,
  type VerifyOptions,
  verifyRegister,
} from './verified-register/verify-register.ts';
