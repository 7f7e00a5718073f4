import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/**
 * A stream into an open file that takes all of what it is given or fails. The one that Node.js makes for stdout keeps quiet
 * when a disk gets full in the middle of a write.
 */
export function createFileWriter(descriptor: number): Writable {
  return new Writable({
    decodeStrings: true,
    write(bytes: Buffer, _encoding, done) {
      try {
        for (let written = 0; written < bytes.length; ) {
          written += writeSync(descriptor, bytes, written);
        }
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}
