import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

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

/** `undefined` for a process that ended, also for one whose parent has not yet asked how. */
function readEntry(pid: number, mark: string): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name in parentheses and can itself contain any of them.
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 2);
    if (state === 'Z' || state === 'X') {
      return undefined;
    }
    const isMarked = readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(mark);
    return { pid, parent: Number(parent), isPaused: state === 'T', isMarked };
  } catch {
    return undefined;
  }
}
