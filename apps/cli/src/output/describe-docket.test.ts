import { stripVTControlCharacters } from 'node:util';
import { createDocket, createSigningKey, createTransaction, type Docket, ZERO_HASH } from '@sorcha/register';
import { describe, expect, it } from 'vitest';
import { createRecordedTerminal } from '../testing/create-recorded-terminal.ts';
import { describeDocket } from './describe-docket.ts';

async function createExample(): Promise<Docket> {
  const signer = await createSigningKey('ed25519');
  const place = { registerId: 'main', timestamp: 1_000 };
  const transactions = [{ n: 1 }, { text: 'x'.repeat(200) }].map((payload) =>
    createTransaction({ ...place, payloads: [payload] }, signer),
  );
  return createDocket({ ...place, height: 0, previousHash: ZERO_HASH, transactions });
}

describe('a docket in words', () => {
  it.each([80, 100, 200, undefined])('shows the payloads of each transaction, at %s columns too', async (columns) => {
    const { data } = createRecordedTerminal(columns === undefined ? {} : { columns }).terminal;
    const lines = describeDocket(await createExample(), data);
    expect(lines.filter((line) => line.includes('{"n":1}'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('{"text":"xxx'))).toHaveLength(1);
    expect(lines.filter((line) => stripVTControlCharacters(line).length > data.columns)).toEqual([]);
  });
});
