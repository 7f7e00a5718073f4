import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createIdleMembers } from './idle-members.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function createMember(name: string, ended: string[]) {
  return { name, end: () => ended.push(name) };
}

test('the one used last is handed out first, and those that stay are ended after their time', async () => {
  const ended: string[] = [];
  const idle = createIdleMembers<ReturnType<typeof createMember>>(1_000);
  idle.add(createMember('a', ended));
  idle.add(createMember('b', ended));
  await vi.advanceTimersByTimeAsync(900);
  const taken = idle.take();
  expect(taken?.name).toBe('b');
  if (taken !== undefined) {
    idle.add(taken);
  }
  await vi.advanceTimersByTimeAsync(600);
  expect(ended).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ended).toEqual(['a', 'b']);
  expect(idle.take()).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

test('one that ended by itself is not handed out', () => {
  const idle = createIdleMembers<ReturnType<typeof createMember>>(1_000);
  const member = createMember('a', []);
  idle.add(member);
  idle.remove(member);
  idle.remove(member);
  expect(idle.take()).toBeUndefined();
  idle.close();
});

test('closing ends all, and what comes later at once', () => {
  const ended: string[] = [];
  const idle = createIdleMembers<ReturnType<typeof createMember>>(1_000);
  idle.add(createMember('a', ended));
  idle.close();
  idle.add(createMember('b', ended));
  expect(ended).toEqual(['a', 'b']);
  expect(vi.getTimerCount()).toBe(0);
});
