import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createTerminal } from '../../apps/cli/src/output/terminal.ts';
import { runCli } from '../../apps/cli/src/run-cli.ts';
import type { SorchaRun } from './run-sorcha.ts';

/** Runs a command line in this process: what a process of its own does, without the third of a second in which it starts. */
export async function runInProcess(args: readonly string[]): Promise<SorchaRun> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = Promise.all([text(stdout), text(stderr)]);
  const env = { LANG: 'C.UTF-8' };
  const exitCode = await runCli({
    args,
    env,
    terminal: createTerminal({ stdout, stderr, env }),
    signal: new AbortController().signal,
  });
  stdout.end();
  stderr.end();
  const [data, notes] = await texts;
  return { exitCode, stdout: data, stderr: notes };
}
