import { RegisterError } from './register-error.ts';

/** What is wrong with untrusted data, with the code that a creating function throws for it. */
export interface Problem {
  readonly code: 'INVALID' | 'INVALID_KEY' | 'INVALID_SIGNATURE' | 'LIMIT_EXCEEDED';
  /** What is wrong, with the name of the value. */
  readonly detail: string;
}

/** The outcome of reading untrusted data: the value, or the first problem with it. Reading never throws. */
export type Parsed<T> =
  | { readonly value: T; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: Problem };

/** The outcome of a reading that failed. */
export function refuse(code: Problem['code'], detail: string): { readonly problem: Problem } {
  return { problem: { code, detail } };
}

/** The value of a reading; throws `RegisterError` with the problem's code where there is none. */
export function requireParsed<T>(parsed: Parsed<T>): T {
  if (parsed.problem !== undefined) throw new RegisterError(parsed.problem.code, parsed.problem.detail);
  return parsed.value;
}

/** Untrusted text, quoted and shortened so that it can stand in a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
