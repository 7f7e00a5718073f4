import { Worker } from 'node:worker_threads';
import { StorageError, type StorageErrorCode } from '@sorcha/storage';
import { RegisterError, type RegisterErrorCode } from '../docket/register-error.ts';
import type { CheckedPiece, FromThread, Piece, ThreadOptions, ToThread } from './thread-messages.ts';

/** How long a thread may take to close cold storage before it is ended without. */
const END_MS = 2_000;

/** A thread that checks pieces of a register. */
export interface VerificationThread {
  /** Whether it has opened cold storage. */
  readonly isReady: boolean;
  /** Has a piece checked. Pieces that are handed in before one is done wait in the thread. */
  check(piece: Piece): void;
  /** Ends it at once, whatever it is at, or lets it close cold storage first. Never fails. */
  end(how: 'now' | 'close'): Promise<void>;
}

/** Who hears of what a thread does. */
export interface ThreadListener {
  readonly onReady: () => void;
  readonly onChecked: (piece: CheckedPiece) => void;
  /** The thread cannot open or read cold storage: a typed error, as the main thread would get it. */
  readonly onFailed: (error: Error) => void;
  /** The thread died. What it was given and has not checked is not checked. */
  readonly onCrash: (error: Error) => void;
}

const isSource = import.meta.url.endsWith('.ts');

/** Starts a thread, which then opens cold storage by itself. */
export function startThread(options: ThreadOptions, listener: ThreadListener): VerificationThread {
  const file = new URL(isSource ? './verification-thread.ts' : './verification-thread.js', import.meta.url);
  const worker = new Worker(file, {
    workerData: options,
    // Its own, because those of the process can hold what a thread does not take.
    execArgv: isSource ? ['--conditions=sorcha-source'] : [],
  });
  let isReady = false;
  let isEnding = false;
  const exited = Promise.withResolvers<void>();
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'ready') {
      isReady = true;
      listener.onReady();
    } else if (message.kind === 'checked') {
      listener.onChecked(message);
    } else {
      listener.onFailed(toError(message));
    }
  });
  let crash = new Error('It ended without a word.');
  worker.on('error', (error) => {
    crash = error instanceof Error ? error : new Error(String(error));
  });
  worker.on('exit', () => {
    exited.resolve();
    if (!isEnding) {
      listener.onCrash(crash);
    }
  });
  const send = (message: ToThread) => worker.postMessage(message);
  return {
    get isReady() {
      return isReady;
    },
    check: send,
    end: async (how) => {
      isEnding = true;
      if (how === 'close' && isReady) {
        send('end');
        const timer = setTimeout(() => void worker.terminate(), END_MS);
        await exited.promise;
        clearTimeout(timer);
      } else {
        await worker.terminate();
      }
    },
  };
}

function toError({ name, code, message }: Extract<FromThread, { kind: 'failed' }>): Error {
  // oxlint-disable typescript/no-unsafe-type-assertion -- the thread had an error of that class
  if (name === 'StorageError') return new StorageError(code as StorageErrorCode, message);
  if (name === 'RegisterError') return new RegisterError(code as RegisterErrorCode, message);
  // oxlint-enable typescript/no-unsafe-type-assertion
  return new Error(`${name}: ${message}`);
}
