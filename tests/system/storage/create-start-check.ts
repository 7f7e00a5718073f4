import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  ConfigError,
  createStorageSchema,
  diagnose,
  type Finding,
  loadConfig,
  openStorage,
  StorageStartError,
} from '@sorcha/service-kit';
import { defineDocument, defineEntity, defineWorm, StorageError } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';

/** What no output may say. It has characters that are written otherwise in urls and in JSON. */
export const SECRET = 'h"nter2/9f3e@%';

const user = defineEntity({ name: 'user', schema: z.object({ id: z.string(), email: z.string() }), key: 'id' });
const note = defineDocument({ name: 'note', schema: z.object({ id: z.string(), text: z.string() }), key: 'id' });
const entry = defineWorm({ name: 'entry', schema: z.object({ n: z.number() }) });
const schema = z.strictObject({ storage: createStorageSchema().prefault({}) });

/** The tier that a mistake is about, by its setting. */
export type Tier = 'storage.hot' | 'storage.warm.relational' | 'storage.warm.documents' | 'storage.cold';

/** A configuration: the file's `storage`, and the environment. */
export interface Configuration {
  readonly storage: object;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Writes the configuration into a file and starts what one tier needs, which is closed at the end of the test. */
export async function startTier(tier: Tier, { storage, environment = {} }: Configuration) {
  const config = await loadConfig(schema, { file: await writeConfig(storage), environment });
  const started = await openStorage(config.storage, (open) => ({
    ...(tier === 'storage.hot' ? { cache: open.cache() } : {}),
    ...(tier === 'storage.warm.relational' ? { rows: open.relational([user]) } : {}),
    ...(tier === 'storage.warm.documents' ? { notes: open.documents(note) } : {}),
    ...(tier === 'storage.cold' ? { entries: open.worm(entry) } : {}),
  }));
  onTestFinished(started.close);
  return started;
}

/** The path of a new file with that configuration. */
export async function writeConfig(storage: object): Promise<string> {
  const file = join(await createTemporaryFolder(onTestFinished), 'sorcha.jsonc');
  await writeFile(file, `// written by a test\n${JSON.stringify({ storage }, null, 2)}`);
  return file;
}

/** Everything that a value can print, with what is hidden in it. */
export function printAll(value: unknown): string {
  return `${inspect(value, { depth: 30, showHidden: true, maxStringLength: null })}\n${JSON.stringify(value)}\n${String(value)}`;
}

/** Asserts that no form of the secret is in what a value prints. */
export function expectNoSecret(value: unknown): void {
  const printed = printAll(value);
  for (const form of [
    SECRET,
    encodeURIComponent(SECRET),
    encodeURI(SECRET),
    JSON.stringify(SECRET).slice(1, -1),
    'nter2',
  ]) {
    expect(printed).not.toContain(form);
  }
}

/** Asserts that the configuration is refused before anything is opened: one mistake, at that path. Returns it. */
export async function expectMistake(path: string, { storage, environment = {} }: Configuration) {
  const error: unknown = await loadConfig(schema, { file: await writeConfig(storage), environment }).catch(
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) {
    throw new Error(`It must be refused: ${inspect(error)}`);
  }
  expectNoSecret(error);
  expect(error).toMatchObject({ code: 'INVALID_CONFIG', mistakes: [{ path }] });
  expect(error.message).toContain(path);
  const [mistake] = error.mistakes;
  return `${mistake?.problem}; ${mistake?.allowed} (${mistake?.source.replace(/^.*\//, '')})`;
}

/**
 * Asserts that the start fails with that setting to blame and that code, within its time; that `sorcha doctor` says it before; and
 * that neither says a secret. Returns what was said.
 */
export async function expectFailedStart(
  tier: Tier,
  expected: { readonly setting: string; readonly code: string },
  configuration: Configuration,
): Promise<string> {
  const error: unknown = await startTier(tier, configuration).catch((reason: unknown) => reason);
  if (!(error instanceof StorageStartError)) {
    throw new Error(`The start must fail: ${inspect(error)}`);
  }
  expectNoSecret(error);
  const path = `${tier}.${expected.setting}`;
  expect(error).toMatchObject({ code: 'START_FAILED', failures: [{ path, code: expected.code }] });
  expect(error.failures).toHaveLength(1);
  expect(error.message).toContain(path);
  return error.failures[0]?.message ?? '';
}

/** What `sorcha doctor` finds of a tier, without a secret. */
export async function diagnoseTier(tier: Tier, { storage, environment = {} }: Configuration): Promise<Finding[]> {
  const findings = await diagnose({ file: await writeConfig(storage), environment });
  expectNoSecret(findings);
  return findings.filter(({ name }) => name.startsWith(tier));
}

/** Whether an error says that the server is not there now. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'UNAVAILABLE';
}
