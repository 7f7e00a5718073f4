import { expect, test, vi } from 'vitest';
import { createConnectionSlots } from './connection-slots.ts';

test('slots are handed out in the order of the calls, and those who gave up are passed over', async () => {
  const slots = createConnectionSlots(1, 1_000, 'd at h');
  expect(slots.tryTake()).toBe(true);
  expect(slots.tryTake()).toBe(false);
  const order: string[] = [];
  const abort = new AbortController();
  const waits = [
    slots.wait(undefined).then(() => order.push('first')),
    slots
      .wait({ signal: abort.signal })
      .catch((error: unknown) => order.push(String(Reflect.get(Object(error), 'code')))),
    slots.wait(undefined).then(() => order.push('third')),
  ];
  abort.abort();
  await waits[1];
  slots.give();
  await waits[0];
  slots.give();
  await waits[2];
  expect(order).toEqual(['TIMEOUT', 'first', 'third']);
});

test('whose signal has fired before does not wait', async () => {
  const slots = createConnectionSlots(1, 60_000, 'd at h');
  slots.tryTake();
  await expect(slots.wait({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'TIMEOUT' });
  slots.give();
  expect(slots.tryTake()).toBe(true);
});

test('who waits too long fails with TIMEOUT, which names the option, and leaves no slot behind', async () => {
  vi.useFakeTimers();
  try {
    const slots = createConnectionSlots(1, 500, 'd at h');
    slots.tryTake();
    const waiting = expect(slots.wait(undefined)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/d at h.*500 ms.*pool\.max/u) as unknown,
    });
    await vi.advanceTimersByTimeAsync(500);
    await waiting;
    slots.give();
    expect(slots.tryTake()).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});
