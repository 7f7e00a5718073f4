import canonicalize from 'canonicalize';
import { LIMITS } from './limits.ts';
import { quote } from './parsed.ts';
import { RegisterError } from './register-error.ts';

/**
 * Writes a value as canonical JSON (RFC 8785). Only what comes back equal from reading is accepted.
 *
 * @throws RegisterError `INVALID` for anything that JSON cannot carry (`undefined`, functions, NaN, dates, ...), lone
 * surrogates and members named `__proto__`; `LIMIT_EXCEEDED` for values that are too deep (cycles are) or too large.
 */
export function toCanonicalJson(value: unknown): string {
  requireJson(value);
  const text: string | undefined = canonicalize(value);
  if (text === undefined) throw new RegisterError('INVALID', 'the value has no JSON form; use JSON values only');
  return text;
}

interface Pending {
  readonly value: unknown;
  readonly depth: number;
  readonly path: string;
}

/** Walks the value with its own stack, so that hostile nesting gives a typed error and not a stack overflow. */
function requireJson(root: unknown): void {
  const pending: Pending[] = [{ value: root, depth: 1, path: 'value' }];
  // Every value needs at least one byte of text, so this also bounds values that share parts exponentially.
  let remaining: number = LIMITS.transactionBytes;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth, path } = next;
    if (typeof value !== 'object' || value === null) {
      requirePrimitive(value, path);
      continue;
    }
    if (depth > LIMITS.jsonDepth) {
      throw new RegisterError(
        'LIMIT_EXCEEDED',
        `the value is nested deeper than ${LIMITS.jsonDepth} levels; flatten it`,
      );
    }
    const entries = Array.isArray(value) ? [...value.entries()] : listMembers(value, path);
    remaining -= entries.length;
    if (remaining < 0) {
      throw new RegisterError('LIMIT_EXCEEDED', `the value needs more than ${LIMITS.transactionBytes} bytes; split it`);
    }
    for (const [name, child] of entries) {
      pending.push({ value: child, depth: depth + 1, path: `${path}.${name}` });
    }
  }
}

function requirePrimitive(value: unknown, path: string): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value === 'string') {
    if (value.isWellFormed()) return;
    throw new RegisterError('INVALID', `${path} has a lone surrogate; use well-formed text`);
  }
  throw new RegisterError('INVALID', `${path} is a ${typeof value} that JSON cannot carry; use a JSON value`);
}

function listMembers(value: object, path: string): [string, unknown][] {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new RegisterError('INVALID', `${path} is not a plain object; use JSON values only`);
  }
  const entries: [string, unknown][] = Object.entries(value);
  for (const [name] of entries) {
    if (name === '__proto__' || !name.isWellFormed()) {
      throw new RegisterError('INVALID', `${path} has a member named ${quote(name)}, which is not allowed; rename it`);
    }
  }
  return entries;
}
