import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeSettings } from './describe-settings.ts';
import { PROVIDERS } from './provider-table.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/configuration.md'), 'utf8');

it.each(PROVIDERS.map((provider) => ({ provider, what: `${provider.port} on ${provider.name}` })))(
  'the documentation has every setting of $what with its unit and default',
  ({ provider }) => {
    expect(page).toContain(`"${provider.name}"`);
    const rows = describeSettings(provider).map(
      ({ name, allowed, otherwise }) => `| \`${name}\` | ${allowed} | ${otherwise} |`,
    );
    expect(rows.filter((row) => !page.includes(row))).toEqual([]);
    expect(describeSettings(provider).filter(({ allowed }) => allowed === 'undefined')).toEqual([]);
  },
);
