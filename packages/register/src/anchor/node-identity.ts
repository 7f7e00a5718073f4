import { isJsonObject } from '../docket/json-value.ts';
import type { PublicKey } from '../docket/public-key.ts';
import { RegisterError } from '../docket/register-error.ts';
import { createSigningKey, importSigningKey, type SigningKey } from '../docket/signing-key.ts';
import { parseStrictJson } from '../docket/strict-json.ts';

const NODE_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?$/;

/** Who signs the heads of this node's registers. */
export interface NodeIdentity {
  /** 1 to 100 characters of `a-z 0-9 . -`, as a host name. */
  readonly name: string;
  /** An Ed25519 key. */
  readonly key: SigningKey;
}

/** Creates an identity with a new key. `INVALID` when the name has another form. */
export async function createNodeIdentity(name: string): Promise<NodeIdentity> {
  checkName(name);
  return { name, key: await createSigningKey('ed25519') };
}

/** The identity as JSON text, for a file that only its owner may read: it holds the private key. */
export function toNodeIdentityText(identity: NodeIdentity): string {
  return `${JSON.stringify({ name: identity.name, privateKey: identity.key.exportJwk() }, undefined, 2)}\n`;
}

/** Reads what `toNodeIdentityText` wrote. `INVALID_KEY` when it is anything else. */
export function parseNodeIdentity(text: string): NodeIdentity {
  const { value } = typeof text === 'string' ? parseStrictJson(text.trim()) : {};
  if (value === undefined || !isJsonObject(value) || typeof value['name'] !== 'string') {
    throw new RegisterError(
      'INVALID_KEY',
      'the node key is not a JSON object with "name" and "privateKey"; restore it',
    );
  }
  checkName(value['name']);
  const key = importSigningKey(value['privateKey']);
  if (key.algorithm !== 'ed25519') {
    throw new RegisterError('INVALID_KEY', `the node key must be Ed25519, not ${key.algorithm}`);
  }
  return { name: value['name'], key };
}

/** The origin of a register's signed heads, which is also the name of the key in them. */
export function toOrigin(nodeName: string, registerId: string): string {
  return `${nodeName}/${registerId}`;
}

/** Whose heads are trusted: a node's name and public key. */
export interface TrustedNode {
  readonly name: string;
  readonly publicKey: PublicKey;
}

/** The public half of an identity. */
export function toTrustedNode(identity: NodeIdentity): TrustedNode {
  return { name: identity.name, publicKey: identity.key.publicKey };
}

function checkName(name: string): void {
  // A pattern takes undefined for a text.
  if (typeof name !== 'string' || !NODE_NAME.test(name)) {
    throw new RegisterError('INVALID', `"${name}" cannot name a node: use 1 to 100 characters of a-z 0-9 . -`);
  }
}
