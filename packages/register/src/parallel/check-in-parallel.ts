import { availableParallelism } from 'node:os';
import { StorageError, type WormStore } from '@sorcha/storage';
import type { HeightRange } from '../verified-register/read-records.ts';
import { checkRange } from './check-range.ts';
import type { ColdSource } from './cold-source.ts';
import { startThread, type VerificationThread } from './start-thread.ts';
import type { CheckedPiece, Piece } from './thread-messages.ts';

/** How the work is divided among threads. */
export interface ParallelOptions {
  /** How each thread opens cold storage. */
  readonly source: ColdSource;
  /** From how many dockets on threads are started; fewer are checked sooner without. Default 500. */
  readonly fewestDockets?: number;
  /** How many threads check, from 1. Default: as many as the machine can run at once beside the calling one, and at least one. */
  readonly threads?: number;
  /** Whether the calling thread checks, too, giving its event loop a turn every few milliseconds, or only waits. Default `checks`. */
  readonly caller?: 'checks' | 'waits';
  /** Told of a thread that died. What it had not checked is checked again. */
  readonly onCrash?: (error: Error) => void;
}

/** A range to check in parallel. */
export interface ParallelCheck {
  /** With `known` above `to`, so that every height in it is looked for wherever the range is cut. */
  readonly range: HeightRange & { readonly known: number };
  /** Cold storage as the calling thread has it. */
  readonly cold: WormStore<string>;
  readonly parallel: ParallelOptions;
  readonly signal?: AbortSignal | undefined;
  /** Takes the checks of the pieces in ascending order. */
  readonly onChecked: (piece: CheckedPiece) => void;
}

const PIECE_DOCKETS = 50;
/** So many pieces a thread has at most, so that it need not wait for the next, and so many wait for those below them. */
const PIECES_PER_THREAD = 2;
const WAITING_PIECES_PER_THREAD = 8;

/**
 * Checks a range, piece by piece, in several threads. The calling thread checks, too, and alone when none of
 * them is left. Memory is bounded by the number of threads. Errors as `readRecords`; `TIMEOUT` when the signal fires.
 */
export async function checkInParallel(check: ParallelCheck): Promise<void> {
  const { range, parallel, signal } = check;
  const pieces = createPieces(range, parallel.threads ?? Math.max(1, availableParallelism() - 1));
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  // Heard by the race below, if it is still on.
  failed.catch(() => undefined);
  const onAbort = () => fail(toAborted(signal));
  const crew = startCrew(check, pieces, fail);
  try {
    if (signal?.aborted === true) throw toAborted(signal);
    signal?.addEventListener('abort', onAbort, { once: true });
    await Promise.race([work(check, pieces, crew), failed]);
    await crew.end('close');
  } finally {
    pieces.stop();
    signal?.removeEventListener('abort', onAbort);
    await crew.end('now');
  }
}

async function work(
  { range, cold, onChecked, signal, parallel }: ParallelCheck,
  pieces: Pieces,
  crew: Crew,
): Promise<void> {
  for (;;) {
    for (let done = pieces.nextDone(); done !== undefined; done = pieces.nextDone()) onChecked(done);
    if (pieces.isEmpty) return;
    crew.handOut();
    const own = crew.isAlive && parallel.caller === 'waits' ? undefined : pieces.take();
    if (own === undefined) {
      await crew.changed();
    } else {
      const { from, to, known, number } = own;
      const { table, ...found } = await checkRange(
        cold,
        { registerId: range.registerId, from, to, known },
        signal === undefined ? {} : { signal },
      );
      pieces.put({ number, to, columns: table.toColumns(), ...found });
    }
  }
}

/** The pieces of a range: to be given out in order, and to be taken back in order. */
interface Pieces {
  /** How many threads there is work for. */
  readonly threads: number;
  /** True when all were taken back, or nothing more is to be done. */
  readonly isEmpty: boolean;
  /** The next to be checked; `undefined` when there is none, or too many wait already. */
  take(): Piece | undefined;
  /** Returns a piece that was not checked after all. */
  giveBack(piece: Piece): void;
  put(checked: CheckedPiece): void;
  /** The next in order, if it was checked. */
  nextDone(): CheckedPiece | undefined;
  /** Nothing more is to be done, whatever is left. */
  stop(): void;
}

function createPieces({ from, to, known }: ParallelCheck['range'], maxThreads: number): Pieces {
  const total = to - from + 1;
  const size = Math.max(1, Math.min(PIECE_DOCKETS, Math.ceil(total / (4 * maxThreads))));
  const count = Math.ceil(total / size);
  const threads = Math.min(maxThreads, count);
  const done = new Map<number, CheckedPiece>();
  const returned: Piece[] = [];
  let next = 0;
  let merged = 0;
  let isStopped = false;
  return {
    threads,
    get isEmpty() {
      return merged === count || isStopped;
    },
    take: () => {
      const again = returned.shift();
      if (again !== undefined) return again;
      if (next === count || next - merged >= WAITING_PIECES_PER_THREAD * threads) return undefined;
      const start = from + next * size;
      next += 1;
      return { number: next - 1, from: start, to: Math.min(to, start + size - 1), known };
    },
    giveBack: (piece) => {
      returned.push(piece);
      returned.sort((a, b) => a.number - b.number);
    },
    put: (checked) => void done.set(checked.number, checked),
    stop: () => {
      isStopped = true;
    },
    nextDone: () => {
      const checked = isStopped ? undefined : done.get(merged);
      if (checked !== undefined) {
        done.delete(merged);
        merged += 1;
      }
      return checked;
    },
  };
}

/** The threads that check. */
interface Crew {
  /** Whether any thread has not died. */
  readonly isAlive: boolean;
  /** Gives pieces to the threads that are ready. */
  handOut(): void;
  /** Waits until a thread has become ready, has checked a piece, or has died. */
  changed(): Promise<void>;
  end(how: 'now' | 'close'): Promise<void>;
}

function startCrew(
  { range: { registerId }, parallel: { source, onCrash } }: ParallelCheck,
  pieces: Pieces,
  fail: (error: Error) => void,
): Crew {
  let change = Promise.withResolvers<void>();
  const members = new Map<VerificationThread, Map<number, Piece>>();
  const handOut = () => {
    for (const [thread, given] of members) {
      while (thread.isReady && given.size < PIECES_PER_THREAD) {
        const piece = pieces.take();
        if (piece === undefined) return;
        given.set(piece.number, piece);
        thread.check(piece);
      }
    }
  };
  const tellChange = () => {
    handOut();
    change.resolve();
    change = Promise.withResolvers<void>();
  };
  for (let index = 0; index < pieces.threads; index += 1) {
    const given = new Map<number, Piece>();
    const thread = startThread(
      { source, registerId },
      {
        onReady: tellChange,
        onChecked: (checked) => {
          given.delete(checked.number);
          pieces.put(checked);
          tellChange();
        },
        onFailed: fail,
        onCrash: (error) => {
          members.delete(thread);
          for (const piece of given.values()) pieces.giveBack(piece);
          onCrash?.(error);
          tellChange();
        },
      },
    );
    members.set(thread, given);
  }
  return {
    get isAlive() {
      return members.size > 0;
    },
    handOut,
    changed: async () => change.promise,
    end: async (how) => {
      await Promise.all([...members.keys()].map(async (thread) => thread.end(how)));
      members.clear();
    },
  };
}

function toAborted(signal: AbortSignal | undefined): StorageError {
  return new StorageError('TIMEOUT', 'The verification was ended by its signal; start it again.', {
    cause: signal?.reason,
  });
}
