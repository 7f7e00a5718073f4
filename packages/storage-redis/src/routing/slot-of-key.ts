/** How many hash slots a Redis Cluster has. */
export const SLOT_COUNT = 16_384;

/** CRC-16/XMODEM (polynomial 0x1021) of every byte. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
  }
  return crc;
});

/**
 * The hash slot of a key: CRC-16 modulo 16,384 of the key, or of what stands between its first `{` and the next `}` when that
 * is not empty. Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
 */
export function slotOfKey(key: string): number {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open + 1);
  return crc16(close > open + 1 ? key.slice(open + 1, close) : key) % SLOT_COUNT;
}

function crc16(text: string): number {
  let crc = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) {
      return crc16OfBytes(Buffer.from(text));
    }
    crc = step(crc, unit);
  }
  return crc;
}

function crc16OfBytes(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc = step(crc, byte);
  }
  return crc;
}

function step(crc: number, byte: number): number {
  return ((crc << 8) ^ (TABLE[(crc >> 8) ^ byte] ?? 0)) & 0xffff;
}
