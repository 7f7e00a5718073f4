import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** What Linux flags its own threads with, which are of no server (PF_KTHREAD). */
const KERNEL_THREAD = 0x00_20_00_00;

/** A process that is not yet gone. */
export interface RunningProcess {
  readonly pid: number;
  readonly isPaused: boolean;
}

interface ProcessEntry extends RunningProcess {
  readonly parent: number;
  readonly isMarked: boolean;
}

/**
 * Lists the processes of the server that lives in a folder: those with the name of the folder on their command line, and
 * all below them.
 *
 * Neither alone would do. Children of PostgreSQL have sessions of their own, so that no signal to a group reaches them,
 * and children outlive a parent that was killed. A command line can be read of every process, by every user.
 */
export function listProcesses(folder: string): RunningProcess[] {
  const entries = listAll(basename(folder));
  const byPid = new Map(entries.map((entry) => [entry.pid, entry]));
  const belongs = (entry: ProcessEntry | undefined): boolean =>
    entry !== undefined && entry.pid !== process.pid && (entry.isMarked || belongs(byPid.get(entry.parent)));
  return entries.filter(belongs);
}

function listAll(mark: string): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readEntry(Number(name), mark) ?? []);
}

/** A process by itself; `undefined` when it is gone. Of many, that takes far less time than to look for them again. */
export function findProcess(pid: number): RunningProcess | undefined {
  const stat = readStat(pid);
  return stat === undefined ? undefined : { pid, isPaused: stat.isPaused };
}

function readEntry(pid: number, mark: string): ProcessEntry | undefined {
  const stat = readStat(pid);
  if (stat === undefined || stat.isKernel) {
    return undefined;
  }
  const { parent, isPaused } = stat;
  return { pid, parent, isPaused, isMarked: read(`/proc/${pid}/cmdline`)?.includes(mark) === true };
}

/** `undefined` for a process that ended, also for one whose parent has not yet asked how. */
function readStat(pid: number) {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) {
    return undefined;
  }
  // The second field is the name in parentheses and can itself contain any of them.
  const [state = '', parent = '', , , , , flags = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 7);
  if (state === 'Z' || state === 'X') {
    return undefined;
  }
  return { parent: Number(parent), isPaused: state === 'T', isKernel: (Number(flags) & KERNEL_THREAD) !== 0 };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
