import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** One source file of the repository. */
export interface SourceFile {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  /** The folder of the workspace it belongs to (`packages/storage`), or `undefined` for files of the root. */
  readonly workspace: string | undefined;
  readonly text: string;
  /** What the file imports, as written: static, dynamic and re-exports. */
  readonly imports: readonly string[];
  /** Tests, and code that exists for tests only. */
  readonly isTest: boolean;
}

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git']);
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'/g;

/** All TypeScript files below the root, without what is installed or built. */
export function listSourceFiles(folder = ''): SourceFile[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      return SKIPPED.has(entry.name) ? [] : listSourceFiles(path);
    }
    return entry.name.endsWith('.ts') ? [toSourceFile(path)] : [];
  });
}

function toSourceFile(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const workspace = /^(?:(?:packages|apps|services)\/[^/]+|tests\/servers)(?=\/)/.exec(path)?.[0];
  return {
    path,
    workspace,
    text,
    imports: [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? ''),
    isTest: path.endsWith('.test.ts') || path.startsWith('tests/') || path.startsWith('bench/'),
  };
}
