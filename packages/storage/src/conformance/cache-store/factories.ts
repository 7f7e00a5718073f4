import assert from 'node:assert/strict';
import type { JsonValue } from '../../json-value.ts';
import { assertCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import { hostileValues, jsonSpecimens } from '../json-specimens.ts';
import { untyped } from '../untyped.ts';
import type { OpenedCacheStore } from './cache-provider.ts';

/** A factory that answers when it is told to, and counts its calls. */
function createGate<V extends JsonValue>() {
  const gate = Promise.withResolvers<V>();
  // It may fail before a store that is far away has asked the factory.
  gate.promise.catch(() => undefined);
  let calls = 0;
  const factory = async (): Promise<V> => {
    calls += 1;
    return gate.promise;
  };
  return { factory, open: gate.resolve, fail: gate.reject, calls: () => calls };
}

const noFactory = (): never => assert.fail('the factory must not be asked');

/** Reading through a factory. */
export function describeFactories(fact: Fact<OpenedCacheStore>): void {
  fact('an absent entry is made, written and returned', async ({ store }) => {
    assert.deepEqual(await store.getOrSet('a', async () => ({ made: [1] })), { made: [1] });
    assert.deepEqual(await store.get('a'), { made: [1] });
    assert.equal(await store.getOrSet('sync', () => 'made at once'), 'made at once');
  });

  for (const [name, value] of jsonSpecimens) {
    fact(`a live entry is read without the factory: ${name}`, async ({ store }) => {
      await store.set('a', value);
      assert.deepEqual(await store.getOrSet('a', noFactory), value);
      assert.deepEqual(await store.getOrSet('b', () => value), value);
      assert.deepEqual(await store.getOrSet('b', noFactory), value);
    });
  }

  fact('concurrent calls for one key share one call of the factory', async ({ store }) => {
    const gate = createGate<{ list: number[] }>();
    const waiting = Array.from({ length: 25 }, async () => store.getOrSet('a', gate.factory));
    gate.open({ list: [1] });
    const values = await Promise.all(waiting);
    assert.equal(gate.calls(), 1);
    values[0]?.list.push(2);
    assert.deepEqual(
      values.slice(1),
      Array.from({ length: 24 }, () => ({ list: [1] })),
    );
    assert.deepEqual(await store.get('a'), { list: [1] });
  });

  fact('calls for different keys do not wait for each other', async ({ store }) => {
    const gate = createGate<string>();
    const slow = store.getOrSet('slow', gate.factory);
    assert.equal(await store.getOrSet('fast', () => 1), 1);
    gate.open('done');
    assert.equal(await slow, 'done');
  });

  fact('the error of a factory reaches every waiting caller as it is, and nothing is written', async ({ store }) => {
    const gate = createGate<string>();
    const waiting = Array.from({ length: 10 }, async () => store.getOrSet('a', gate.factory));
    const error = new RangeError('the source is away');
    gate.fail(error);
    const outcomes = await Promise.allSettled(waiting);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason === error),
      Array.from({ length: 10 }, () => true),
    );
    assert.equal(gate.calls(), 1);
    assert.equal(await store.exists('a'), false);
    assert.equal(await store.getOrSet('a', () => 'next'), 'next');
  });

  fact('a factory that throws at once fails the call', async ({ store }) => {
    const error = new RangeError('broken');
    const failing = store.getOrSet('a', () => {
      throw error;
    });
    await assert.rejects(failing, error);
    assert.equal(await store.exists('a'), false);
  });

  for (const [name, value] of [['undefined', undefined] as const, ...hostileValues]) {
    fact(`a factory that returns what cannot be kept fails the call and writes nothing: ${name}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.getOrSet('a', () => untyped<JsonValue>(value)));
      assert.equal(await store.exists('a'), false);
      assert.equal(await store.getOrSet('a', () => 'next'), 'next');
    });
  }

  fact('one caller can give up while the others get the value', async ({ store }) => {
    const gate = createGate<string>();
    const abort = new AbortController();
    const patient = store.getOrSet('a', gate.factory);
    const impatient = assertCode('TIMEOUT', async () => store.getOrSet('a', gate.factory, { signal: abort.signal }));
    abort.abort();
    await impatient;
    gate.open('value');
    assert.equal(await patient, 'value');
    assert.equal(await store.get('a'), 'value');
  });
}
