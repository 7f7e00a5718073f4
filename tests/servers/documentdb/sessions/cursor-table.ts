import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';

/** A cursor that nobody asks is forgotten after so long, as with MongoDB. */
const IDLE_MS = 600_000;
const SWEEP_EVERY_MS = 60_000;

/** A cursor of a client, between two of its batches. */
export interface OpenCursor {
  readonly id: string;
  readonly database: string;
  readonly collection: string;
  /** Who opened it; only that user may read on. */
  readonly user: string | undefined;
  /** What the engine needs to go on. */
  readonly continuation: Buffer;
}

/** The cursors of all clients. They end with the server, as with MongoDB. */
export class CursorTable {
  readonly #cursors = new Map<string, { readonly cursor: OpenCursor; readonly usedAt: number }>();
  readonly #sweeper: NodeJS.Timeout;

  constructor() {
    this.#sweeper = setInterval(() => this.#forgetIdle(), SWEEP_EVERY_MS).unref();
  }

  add(cursor: OpenCursor): void {
    this.#cursors.set(cursor.id, { cursor, usedAt: performance.now() });
  }

  /** Takes a cursor out to read on; it is added again when there is more. Fails with CursorNotFound or Unauthorized. */
  take(id: string, user: string | undefined): OpenCursor {
    const cursor = this.#cursors.get(id)?.cursor;
    if (cursor === undefined) {
      throw new CommandError(ERROR.cursorNotFound, `cursor id ${id} not found`);
    }
    if (cursor.user !== user) {
      throw new CommandError(ERROR.unauthorized, `cursor id ${id} was opened by another user`);
    }
    this.#cursors.delete(id);
    return cursor;
  }

  /** Forgets a cursor of a user; says whether there was one. */
  remove(id: string, user: string | undefined): boolean {
    return this.#cursors.get(id)?.cursor.user === user && this.#cursors.delete(id);
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#cursors.clear();
  }

  #forgetIdle(): void {
    for (const [id, { usedAt }] of this.#cursors) {
      if (performance.now() - usedAt > IDLE_MS) {
        this.#cursors.delete(id);
      }
    }
  }
}
