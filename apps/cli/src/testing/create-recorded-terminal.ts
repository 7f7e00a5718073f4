import { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';
import { createTerminal, type Terminal } from '../output/terminal.ts';

/** A terminal whose text can be read, for tests. */
export interface RecordedTerminal {
  readonly terminal: Terminal;
  /** What was written to stdout so far. */
  readonly data: () => string;
  /** What was written to stderr so far. */
  readonly notes: () => string;
}

/** Starts a recording; `columns` makes both streams a terminal of that width, else they are files. */
export function createRecordedTerminal(
  options: { readonly columns?: number; readonly env?: Readonly<Record<string, string>> } = {},
): RecordedTerminal {
  const stdout = createStream(options.columns);
  const stderr = createStream(options.columns);
  const terminal = createTerminal({ stdout: stdout.stream, stderr: stderr.stream, env: options.env ?? {} });
  return { terminal, data: stdout.text, notes: stderr.text };
}

function createStream(columns: number | undefined) {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return {
    stream:
      columns === undefined
        ? stream
        : Object.assign(stream, {
            isTTY: true,
            columns,
            getColorDepth: WriteStream.prototype.getColorDepth.bind(stream),
          }),
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
