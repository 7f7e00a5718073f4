import { fstatSync } from 'node:fs';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import { createFileWriter } from './output/create-file-writer.ts';
import { createTerminal } from './output/terminal.ts';
import { READER_GONE, runCli } from './run-cli.ts';

const { stderr, env, argv } = process;
const stdout = fstatSync(process.stdout.fd).isFile() ? createFileWriter(process.stdout.fd) : process.stdout;
const controller = new AbortController();

// A reader that has seen enough (`sorcha ... | head`) is no error; the command ends as it would by Ctrl-C, and tidies up.
stdout.on('error', (cause: NodeJS.ErrnoException) => {
  const advice = 'make room for it or send it elsewhere. What was sealed is durable';
  const problem = `The results cannot be written (${cause.message}): ${advice}.`;
  controller.abort(cause.code === 'EPIPE' ? READER_GONE : new CliError('OUTPUT_UNWRITABLE', problem, { cause }));
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

// The result was written. A connection that a command has given up may not keep the process as long as its own time lasts.
setTimeout(() => process.exit(), 200).unref();
