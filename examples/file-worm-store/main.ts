/**
 * Keeps a log where a configuration says, here on a provider that the storage layer has never heard of:
 * `npx node --conditions=sorcha-source examples/file-worm-store/main.ts`. Name `examples/file-worm-store/sqlite.jsonc` behind it, and
 * the same calls keep it in SQLite.
 */
import { join } from 'node:path';
import { createStorageSchema, loadConfig, openStorage, PROVIDERS } from '@sorcha/service-kit';
import { defineWorm, openWormRecord } from '@sorcha/storage';
import { z } from 'zod';
import { fileProvider } from './file-provider.ts';

const reading = defineWorm({ name: 'reading', schema: z.object({ celsius: z.number() }) });

const schema = z.strictObject({ storage: createStorageSchema([...PROVIDERS, fileProvider]).prefault({}) });
const file = process.argv[2] ?? join(import.meta.dirname, 'files.jsonc');
const { storage } = await loadConfig(schema, { file });
const { stores, close } = await openStorage(storage, (open) => ({ readings: open.worm(reading) }));
const next = ((await stores.readings.height('sensor-1')) ?? -1) + 1;
await stores.readings.append('sensor-1', next, { celsius: 20 + (next % 5) });
for await (const record of stores.readings.range('sensor-1', 0, next)) {
  console.log(record.sequence, openWormRecord(reading, record), record.sha256.slice(0, 12));
}
console.log((await stores.readings.health()).detail);
await close();
