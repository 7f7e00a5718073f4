import { RegisterError, type RegisterErrorCode } from '@sorcha/register';
import { StorageError, type StorageErrorCode } from '@sorcha/storage';
import { EXIT, type ExitCode } from './exit-codes.ts';

/**
 * The closed set of reasons why the command line itself refuses, beside those of the register and the storage.
 *
 * - `USAGE`: unknown command or option, or a value out of its bounds.
 * - `INVALID_INPUT`: JSON that was handed in is malformed or not of the asked shape.
 * - `INPUT_UNREADABLE`: a file that was named cannot be read.
 * - `NO_DATA_FOLDER`: the data folder does not exist or is empty.
 * - `FOREIGN_FOLDER`: the data folder is a file, or holds something else.
 * - `UNFINISHED_FOLDER`: the creation of the data folder was interrupted.
 * - `INCOMPATIBLE_FOLDER`: the data folder is of another format version.
 * - `DAMAGED_FOLDER`: a part of the data folder is missing or damaged.
 * - `FOLDER_UNWRITABLE`: the data folder cannot be written.
 * - `FOLDER_UNREADABLE`: a part of the data folder cannot be read.
 * - `TARGET_EXISTS`: the folder for a copy is there already and was not made by `tamper`.
 * - `NOT_CONFIRMED`: the command changes something for good and needs `--really`.
 * - `UNKNOWN_REGISTER`: the data folder has no such register.
 * - `NOT_FOUND`: the docket or transaction does not exist.
 * - `OUTPUT_UNWRITABLE`: the results cannot be written to where they were sent.
 * - `INTERRUPTED`: Ctrl-C.
 */
export type CliErrorCode =
  | 'USAGE'
  | 'INVALID_INPUT'
  | 'INPUT_UNREADABLE'
  | 'NO_DATA_FOLDER'
  | 'FOREIGN_FOLDER'
  | 'UNFINISHED_FOLDER'
  | 'INCOMPATIBLE_FOLDER'
  | 'DAMAGED_FOLDER'
  | 'FOLDER_UNWRITABLE'
  | 'FOLDER_UNREADABLE'
  | 'TARGET_EXISTS'
  | 'NOT_CONFIRMED'
  | 'UNKNOWN_REGISTER'
  | 'NOT_FOUND'
  | 'OUTPUT_UNWRITABLE'
  | 'INTERRUPTED';

/** An error of the command line with a stable `code`; the message says what is wrong and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

const CLI_EXIT: Readonly<Record<CliErrorCode, ExitCode>> = {
  USAGE: EXIT.usage,
  INVALID_INPUT: EXIT.usage,
  INPUT_UNREADABLE: EXIT.usage,
  NO_DATA_FOLDER: EXIT.usage,
  FOREIGN_FOLDER: EXIT.usage,
  UNFINISHED_FOLDER: EXIT.usage,
  TARGET_EXISTS: EXIT.usage,
  NOT_CONFIRMED: EXIT.usage,
  INCOMPATIBLE_FOLDER: EXIT.failure,
  DAMAGED_FOLDER: EXIT.corruption,
  FOLDER_UNWRITABLE: EXIT.failure,
  FOLDER_UNREADABLE: EXIT.failure,
  UNKNOWN_REGISTER: EXIT.absent,
  NOT_FOUND: EXIT.absent,
  OUTPUT_UNWRITABLE: EXIT.failure,
  INTERRUPTED: EXIT.interrupted,
};

const REGISTER_EXIT: Readonly<Partial<Record<RegisterErrorCode, ExitCode>>> = {
  INVALID: EXIT.usage,
  INVALID_KEY: EXIT.usage,
  INVALID_SIGNATURE: EXIT.usage,
  LIMIT_EXCEEDED: EXIT.usage,
  DUPLICATE_TRANSACTION: EXIT.usage,
  CORRUPTED: EXIT.corruption,
  DEGRADED: EXIT.corruption,
};

const STORAGE_EXIT: Readonly<Partial<Record<StorageErrorCode, ExitCode>>> = {
  INVALID: EXIT.usage,
  NOT_FOUND: EXIT.absent,
  CORRUPTED: EXIT.corruption,
};

/** An error as it is shown to a person or a program. */
export interface ShownError {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** Turns whatever was thrown into what is shown. An error of no known kind is a defect (`INTERNAL`). */
export function toShownError(error: unknown): ShownError {
  if (error instanceof CliError) {
    return { code: error.code, message: error.message, exitCode: CLI_EXIT[error.code] };
  }
  if (error instanceof RegisterError) {
    return {
      code: error.code,
      message: toSentence(error.message),
      exitCode: REGISTER_EXIT[error.code] ?? EXIT.failure,
    };
  }
  if (error instanceof StorageError) {
    return { code: error.code, message: error.message, exitCode: STORAGE_EXIT[error.code] ?? EXIT.failure };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'syscall' in error) {
    const advice = 'check the permissions of the data folder and the disk';
    return { code: 'FOLDER_UNREADABLE', message: `${message}; ${advice}.`, exitCode: CLI_EXIT.FOLDER_UNREADABLE };
  }
  return {
    code: 'INTERNAL',
    message: `${message} (this is a defect of sorcha; run again with SORCHA_DEBUG=1 for the stack, and report it).`,
    exitCode: EXIT.failure,
  };
}

/** What is wrong with a ledger's data is told as a phrase that can stand in a sentence. */
function toSentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
