import { describe, expect, it } from 'vitest';
import type { WormRecord } from '../schema/worm-record.ts';
import { chooseSeed, createRandom } from '../testing/seeded-random.ts';
import { findHighest, MemoryWormStream } from './memory-worm-stream.ts';

const record: WormRecord = { stream: 'a', sequence: 0, bytes: new Uint8Array(), sha256: '', sealedAt: 0 };

describe('the records of a memory stream', () => {
  it('know their highest sequence through every change', () => {
    const fraction = createRandom(chooseSeed('the memory stream'));
    const random = (below: number) => Math.floor(fraction() * below);
    const stream = new MemoryWormStream();
    for (let step = 0; step < 5_000; step += 1) {
      const action = random(200);
      if (action === 0) {
        stream.clear();
      } else if (action < 90) {
        stream.delete(random(2) === 0 ? (findHighest(stream) ?? 0) : random(40));
      } else {
        stream.set(random(40), record);
      }
      expect(stream.highest).toBe(findHighest(stream));
    }
  });

  it('find it without a search while records are only added', () => {
    const stream = new MemoryWormStream();
    stream.keys = () => expect.fail('a search is not needed');
    for (let sequence = 0; sequence < 3; sequence += 1) {
      stream.set(sequence, record);
      expect(stream.highest).toBe(sequence);
    }
  });
});
