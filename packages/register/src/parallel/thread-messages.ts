import type { DocketColumns } from '../verification/docket-columns.ts';
import type { ColdSource } from './cold-source.ts';

/** What a thread is started with. */
export interface ThreadOptions {
  readonly source: ColdSource;
  readonly registerId: string;
}

/** A stretch of heights that a thread is to check; see `HeightRange`. */
export interface Piece {
  /** Its number, from 0. */
  readonly number: number;
  readonly from: number;
  readonly to: number;
  readonly known: number;
}

/** What a thread is told: to check a piece, or to close cold storage and end. */
export type ToThread = Piece | 'end';

/** What a thread has found in a piece. */
export interface CheckedPiece {
  readonly number: number;
  /** The last height of the piece. */
  readonly to: number;
  readonly columns: DocketColumns;
  readonly signatures: number;
  readonly hasUnreadable: boolean;
  readonly checkMs: number;
}

/** What a thread tells. */
export type FromThread =
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'checked' } & CheckedPiece)
  /** It cannot go on; what was given to it is not checked. */
  | { readonly kind: 'failed'; readonly name: string; readonly code: string; readonly message: string };
