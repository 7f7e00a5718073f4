/**
 * What stands under a key in Redis. The first byte says how to read the rest:
 *
 * | byte | rest | meaning |
 * |---|---|---|
 * | 1 | JSON, UTF-8 | an entry |
 * | 2 | JSON, UTF-8, zlib (RFC 1950, with its checksum) | an entry |
 * | 3 | length of the token (1 byte), token | no entry; somebody holds the lease |
 * | 4 | as 3, then the end of the lease, then one of the first two | an entry; somebody holds the lease |
 *
 * A lease stands in the place of its entry, so every write of the key ends it by the same step, whoever writes. Anything else
 * was written by another program, by a newer version, or is damaged: there is no entry.
 */
export const FORMAT = { json: 1, deflated: 2, lease: 3, leasedEntry: 4 } as const;

/** Says whether what begins with this byte is an entry. */
export function isEntryHead(byte: number | undefined): boolean {
  return byte === FORMAT.json || byte === FORMAT.deflated || byte === FORMAT.leasedEntry;
}

/** The most characters that the token of a lease has. */
export const MAX_TOKEN_LENGTH = 64;

/** How long the end of a lease is: milliseconds since 1970 in decimal digits. */
export const LEASE_END_LENGTH = 13;

/** The most bytes that stand before the entry of a leased one. */
export const MAX_LEASE_LENGTH = 2 + MAX_TOKEN_LENGTH + LEASE_END_LENGTH;
