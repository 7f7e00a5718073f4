import { styleText } from 'node:util';

/** The styles that the output uses; each also reads well without colour. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** One of the two streams of a process. */
export interface Output {
  /** Writes text as it is. */
  write(text: string): void;
  /** Writes a line. */
  line(text?: string): void;
  /** Waits until all that was written was taken; fails with the error of the stream when it was not. */
  flush(): Promise<void>;
  /** Colours text when this stream is a terminal that wants colours (`NO_COLOR`, `FORCE_COLOR`). */
  style(style: Style | Style[], text: string): string;
  /** Characters per line; `Infinity` off a terminal, where nothing is wrapped. */
  readonly columns: number;
}

/** Where a command writes: results to `data` (stdout), everything meant for a person at the side to `notes` (stderr). */
export interface Terminal {
  readonly data: Output;
  readonly notes: Output;
  /** Whether `notes` may be redrawn in place. */
  readonly isAnimated: boolean;
  /** Whether bars and ticks may use more than ASCII. */
  readonly hasUnicode: boolean;
}

/** What is needed of a stream of the process. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

type Environment = Readonly<Record<string, string | undefined>>;

/** Builds the terminal of a process from its streams and environment. */
export function createTerminal(options: {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Environment;
}): Terminal {
  const { stdout, stderr, env } = options;
  return {
    data: createOutput(stdout),
    notes: createOutput(stderr),
    isAnimated: stderr.isTTY === true && env.TERM !== 'dumb',
    hasUnicode: isUtf8Locale(env),
  };
}

function createOutput(stream: OutputStream): Output {
  return {
    write: (text) => void stream.write(text),
    line: (text = '') => void stream.write(`${text}\n`),
    style: (style, text) => styleText(style, text, { stream }),
    flush: async () =>
      new Promise((resolve, reject) => stream.write('', (error) => (error ? reject(error) : resolve()))),
    get columns() {
      return stream.isTTY === true ? Math.max(40, stream.columns ?? 80) : Number.POSITIVE_INFINITY;
    },
  };
}

function isUtf8Locale(env: Environment): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
  // Windows sets no locale; its terminals that colour text also draw these characters.
  return locale === undefined ? process.platform === 'win32' : /utf-?8/i.test(locale);
}
