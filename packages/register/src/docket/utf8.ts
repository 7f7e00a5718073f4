// A byte order mark stays in the text, where every format refuses it, instead of disappearing silently.
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

/** Decodes bytes that must be valid UTF-8; `undefined` otherwise. */
export function parseUtf8(bytes: Uint8Array): string | undefined {
  try {
    return DECODER.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Encodes well-formed text as UTF-8. */
export function toUtf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}
