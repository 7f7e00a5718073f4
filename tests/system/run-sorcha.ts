import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { runInProcess } from './run-in-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PROGRAM = join(ROOT, 'apps', 'cli', 'bin', 'sorcha.js');
/** Halves the time that a process needs to start. */
const COMPILE_CACHE = join(ROOT, 'node_modules', '.cache', 'sorcha-compiled');

/** How a run of the program ended. */
export interface SorchaRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a run. */
export interface SorchaOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A program with its arguments that runs the rest of the command line with fewer rights or resources. */
  readonly through?: readonly string[];
  readonly stdin?: string;
}

/** Starts the program as a process of its own, with nothing of the caller's environment that changes its output. */
export function startSorcha(args: readonly string[], options: SorchaOptions = {}): ChildProcess {
  const { env = {}, cwd, through = [] } = options;
  const [command = process.execPath, ...rest] = [...through, process.execPath, PROGRAM, ...args];
  return spawn(command, rest, {
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    stdio: 'pipe',
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** Runs the program to its end. */
export function runSorcha(args: readonly string[], options: SorchaOptions = {}): Promise<SorchaRun> {
  const child = startSorcha(args, options);
  child.stdin?.end(options.stdin ?? '');
  return collectRun(child);
}

/** Waits for the end of a started program and returns what it wrote. */
export function collectRun(child: ChildProcess): Promise<SorchaRun> {
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, ...text }));
  });
}

/** Reads the one line of JSON that a command printed. */
export function parseLine(text: string): Record<string, unknown> {
  const lines = text.trimEnd().split('\n');
  if (lines.length !== 1) {
    throw new Error(`Expected one line of JSON, got ${lines.length}:\n${text}`);
  }
  return z.record(z.string(), z.unknown()).parse(JSON.parse(lines[0] ?? ''));
}

/** The exit code of a run and what its line of JSON said. */
export type Outcome = { readonly exitCode: number | null; readonly [member: string]: unknown };

/**
 * Runs a command and returns its exit code with the last line of JSON that it printed, to stderr if there is one. It gets a
 * process of its own only when options ask for what this one does not have.
 */
export async function runForJson(args: readonly string[], options?: SorchaOptions): Promise<Outcome> {
  const words = [...args, '--json'];
  const { exitCode, stdout, stderr } = await (options === undefined ? runInProcess(words) : runSorcha(words, options));
  const line = (stderr || stdout).trimEnd().split('\n').at(-1) ?? '';
  return { ...parseLine(line), exitCode };
}
