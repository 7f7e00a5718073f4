import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { removeServerFolder } from './remove-server-folder.ts';

// The program that `guardFolder` starts: its input ends when the process of the tests has ended.

/** A process that was just being started at the end shows its command line only a moment later. */
const SECOND_LOOK_MS = 300;

const folders = new Set<string>();
for await (const line of createInterface({ input: process.stdin })) {
  const [, word, folder = ''] = /^(guard|release) (.*)$/.exec(line) ?? [];
  if (word === 'guard') {
    folders.add(folder);
  } else {
    folders.delete(folder);
  }
}
await removeAll();
if (folders.size > 0) {
  await delay(SECOND_LOOK_MS);
  await removeAll();
}

async function removeAll(): Promise<void> {
  await Promise.allSettled([...folders].map((folder) => removeServerFolder(folder)));
}
