import { describe, expect, it } from 'vitest';
import type { WormRecord } from '../schema/worm-record.ts';
import { findHighest, MemoryWormStream } from './memory-worm-stream.ts';

const record: WormRecord = { stream: 'a', sequence: 0, bytes: new Uint8Array(), sha256: '', sealedAt: 0 };

describe('the records of a memory stream', () => {
  it('know their highest sequence through every change', () => {
    const seed = Number(process.env['SORCHA_TEST_SEED'] ?? Date.now() % 2 ** 31);
    process.stdout.write(`seed of the memory stream test: ${seed}\n`);
    let state = seed;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
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
