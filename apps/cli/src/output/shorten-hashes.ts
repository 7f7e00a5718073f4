const HASH = /\b([0-9a-f]{12})[0-9a-f]{52}\b/g;

/** Cuts every hash and id in a text to 12 digits, which still tell it from others and leave room for the words around. */
export function shortenHashes(text: string): string {
  return text.replace(HASH, '$1...');
}
