import { describe, expect, it } from 'vitest';
import { checkMode, findRoleProblem, parseGreeting } from './greeting.ts';

const reply = { server: 'redis', version: '7.0.15', proto: 3, id: 3, mode: 'standalone', role: 'master', modules: [] };
const read = (change: object) => parseGreeting({ ...reply, ...change }, 'h:1');

describe('the greeting of a server', () => {
  it('is read from texts and from bytes', () => {
    const bytes = { server: Buffer.from('valkey'), version: Buffer.from('8.0.1') };
    expect(read(bytes)).toEqual({ server: 'valkey', version: '8.0.1', mode: 'standalone', role: 'master' });
  });

  it.each(['6.2.0', '6.2.14', '7.0.0', '10.0.0'])('version %s will do', (version) => {
    expect(read({ version }).version).toBe(version);
  });

  it.each(['6.0.16', '5.0.14', '6.1.240', '2.8.0', 'unstable'])('version %s is too old', (version) => {
    expect(() => read({ version })).toThrow(expect.objectContaining({ code: 'INCOMPATIBLE_SERVER' }));
    expect(() => read({ version })).toThrow(/6\.2 or later/);
  });

  it.each([undefined, null, 'OK', [], {}, { ...reply, mode: 'other' }, { ...reply, role: 1 }])('%o is none', (each) => {
    expect(() => parseGreeting(each, 'h:1')).toThrow(expect.objectContaining({ code: 'INCOMPATIBLE_SERVER' }));
  });

  it('names what the server is instead of what was configured', () => {
    expect(() => checkMode(read({}), 'standalone', 'h:1')).not.toThrow();
    expect(() => checkMode(read({}), 'cluster', 'h:1')).toThrow(/url instead of nodes/);
    expect(() => checkMode(read({ mode: 'cluster' }), 'standalone', 'h:1')).toThrow(/nodes instead of url/);
    expect(() => checkMode(read({ mode: 'sentinel' }), 'standalone', 'h:1')).toThrow(/sentinel/);
    expect(findRoleProblem(read({}), 'h:1')).toBeUndefined();
    expect(findRoleProblem(read({ role: 'replica' }), 'h:1')).toMatchObject({ code: 'UNAVAILABLE' });
  });
});
