import { HEADER_BYTES, MAX_MESSAGE_BYTES, ProtocolError } from './message.ts';

/**
 * Cuts what a connection sends into whole messages. Ends with the connection; throws a `ProtocolError` at a length that
 * no message has.
 */
export async function* splitMessages(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    for (;;) {
      const length = size < HEADER_BYTES ? undefined : readLength(parts);
      if (length === undefined || size < length) {
        break;
      }
      const whole = Buffer.concat(parts);
      yield whole.subarray(0, length);
      parts = [whole.subarray(length)];
      size -= length;
    }
  }
}

function readLength(parts: Buffer[]): number {
  if ((parts[0]?.length ?? 0) < HEADER_BYTES) {
    parts.splice(0, parts.length, Buffer.concat(parts));
  }
  const length = parts[0]?.readInt32LE(0) ?? 0;
  if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
    throw new ProtocolError(`A message says that it has ${length} bytes`);
  }
  return length;
}
