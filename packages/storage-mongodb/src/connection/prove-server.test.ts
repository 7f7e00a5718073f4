import { expect, test } from 'vitest';
import { checkGreeting } from './prove-server.ts';

test.each([
  ['a member of a replica set', { maxWireVersion: 17, setName: 'rs0' }],
  ['a router of a sharded cluster', { maxWireVersion: 25, msg: 'isdbgrid' }],
])('%s will do', (_, greeting) => {
  checkGreeting(greeting, 'orders at host');
});

test.each([
  ['MongoDB 5', { maxWireVersion: 16, setName: 'rs0' }, /too old.*MongoDB 6/],
  ['a server on its own', { maxWireVersion: 21 }, /replica set.*rs\.initiate/],
])('%s is INCOMPATIBLE_SERVER, with what to do', (_, greeting, message) => {
  let error: unknown;
  try {
    checkGreeting(greeting, 'orders at host');
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
  expect(String(error)).toMatch(message);
});
