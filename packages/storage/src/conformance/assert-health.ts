import assert from 'node:assert/strict';
import type { StoreHealth } from '../ports/store-health.ts';

/** Asserts that a health report of a provider is complete and has one of these states. */
export function assertHealth(
  health: StoreHealth,
  provider: string,
  states: readonly StoreHealth['status'][] = ['pass', 'warn', 'fail'],
): void {
  assert.ok(states.includes(health.status), `The status is ${health.status}: ${health.detail}`);
  assert.equal(health.provider, provider);
  assert.notEqual(health.detail, '');
  assert.ok(health.latencyMs >= 0 && Number.isFinite(health.latencyMs), `${health.latencyMs} ms is no latency.`);
}
