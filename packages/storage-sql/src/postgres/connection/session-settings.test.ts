import { expect, test } from 'vitest';
import { checkServer } from './session-settings.ts';

test('a server before version 14 or of another encoding is INCOMPATIBLE_SERVER, named', () => {
  expect(() => checkServer({ version: 130_022, encoding: 'UTF8' }, 'd at h')).toThrow(
    expect.objectContaining({
      code: 'INCOMPATIBLE_SERVER',
      message: expect.stringMatching(/d at h.*13.*14/u) as unknown,
    }),
  );
  expect(() => checkServer({ version: 140_000, encoding: 'SQL_ASCII' }, 'd at h')).toThrow(
    expect.objectContaining({ code: 'INCOMPATIBLE_SERVER', message: expect.stringContaining('SQL_ASCII') as unknown }),
  );
  expect(() => checkServer({ version: 140_000, encoding: 'UTF8' }, 'd at h')).not.toThrow();
  expect(() => checkServer({ version: 180_001, encoding: 'UTF8' }, 'd at h')).not.toThrow();
});
