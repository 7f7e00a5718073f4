import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './source-files.ts';

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  private: z.boolean().default(false),
  exports: z.record(z.string(), z.looseObject({ 'sorcha-source': z.string() })).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});

/** What the rules need to know of a `package.json`. */
export type Manifest = z.output<typeof manifestSchema>;

/** Reads the manifest of a folder, given from the root (`''` is the root's own). */
export function readManifest(folder: string): Manifest {
  return manifestSchema.parse(JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')));
}

/** The folders of all workspaces, from the root. */
export function listWorkspaces(): string[] {
  return globSync('{{packages,apps,services,tests}/*,bench}/package.json', { cwd: ROOT }).map((path) =>
    path.slice(0, -'/package.json'.length),
  );
}
