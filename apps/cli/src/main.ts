import { EXIT } from './exit-codes.ts';
import { createTerminal } from './output/terminal.ts';
import { READER_GONE, runCli } from './run-cli.ts';

const { stdout, stderr, env, argv } = process;
const controller = new AbortController();

// A reader that has seen enough (`sorcha ... | head`) is no error; the command ends as it would by Ctrl-C, and tidies up.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    process.exit(EXIT.failure);
  }
  controller.abort(READER_GONE);
});
stderr.on('error', () => process.exit(EXIT.failure));

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (controller.signal.aborted) {
      process.exit(EXIT.interrupted);
    }
    controller.abort();
  });
}

process.exitCode = await runCli({
  args: argv.slice(2),
  env,
  terminal: createTerminal({ stdout, stderr, env }),
  signal: controller.signal,
});
