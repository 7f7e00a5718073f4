#!/usr/bin/env node
// Runs the built program, or its sources when it stands in a clone (where nothing needs to be built).
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `sorcha needs Node 24 or newer; this is ${process.version}. In a clone, "npx sorcha" uses the Node that "npm ci" brought.\n`,
  );
  process.exit(1);
}

// Node.js lets FORCE_COLOR win and warns on stderr wherever both are set. Here NO_COLOR wins, without a word.
if (process.env.NO_COLOR) {
  delete process.env.FORCE_COLOR;
}

// Imported late because older Node versions do not have these and must reach the message above.
const { enableCompileCache, registerHooks } = await import('node:module');
// Halves the time of a start. In a folder of this user alone, because who can write there decides what runs.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sorcha', 'compiled'));

const source = new URL('../src/main.ts', import.meta.url);
if (existsSync(source)) {
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, 'sorcha-source'] }),
  });
  await import(source.href);
} else {
  await import(new URL('../dist/main.js', import.meta.url).href);
}
