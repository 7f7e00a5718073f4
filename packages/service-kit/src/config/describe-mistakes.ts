import { z } from 'zod';
import type { ConfigMistake } from './config-error.ts';
import { type ConfigSource, isTree } from './config-tree.ts';
import { REDACTED } from './secret.ts';

/** What is said of a setting that has no value and needs one. */
export const MISSING = 'is missing';

/** Turns what a schema refuses into mistakes: each with its path, where it was set, and what is allowed there. */
export function describeMistakes(schema: z.ZodType, source: ConfigSource, error: z.ZodError): ConfigMistake[] {
  return error.issues.flatMap((issue) => describeIssue(schema, source, issue));
}

function describeIssue(schema: z.ZodType, source: ConfigSource, issue: z.core.$ZodIssue): ConfigMistake[] {
  const { path } = issue;
  const asked = findSchema(schema, source.tree, path);
  if (issue.code === 'unrecognized_keys') {
    const known = listNames(asked);
    return issue.keys.map((key) => ({
      ...locate(source, [...path, key]),
      problem: 'is an unknown setting',
      allowed: known.length > 0 ? `known here are ${known.join(', ')}` : 'remove it',
    }));
  }
  const allowed = 'options' in issue ? toChoice(issue.options) : describeAllowed(asked);
  const value = readPath(source.tree, path);
  const reason = issue.code === 'custom' && issue.message !== NO_REASON ? `, because it ${issue.message}` : '';
  const problem = value === undefined ? MISSING : `${showValue(path, value)} cannot be used${reason}`;
  return [{ ...locate(source, path), problem, allowed }];
}

function toChoice(options: unknown): string {
  return `it must be ${Array.isArray(options) ? options.map((name) => JSON.stringify(name)).join(' or ') : 'another'}`;
}

function locate(source: ConfigSource, path: readonly PropertyKey[]) {
  const name = path.map(String).join('.');
  for (let end = path.length; end > 0; end -= 1) {
    const place = source.places.get(path.slice(0, end).map(String).join('.'));
    if (place !== undefined) {
      return { path: name, source: place };
    }
  }
  // Of an object in the environment only what is in it has a place.
  const inner = [...source.places].find(([each]) => each.startsWith(`${name}.`));
  if (inner !== undefined) {
    return { path: name, source: inner[1] };
  }
  return { path: name, source: 'not set' };
}

function readPath(tree: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = tree;
  for (const name of path) {
    // The environment gives a list as a text with commas.
    const list: unknown = typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value;
    value = Array.isArray(list) ? list[Number(name)] : isTree(list) ? list[String(name)] : undefined;
  }
  return value;
}

/** What zod says of a check that gave no reason. */
const NO_REASON = 'Invalid input';

const LONGEST_SHOWN = 80;

/**
 * A value as it may be printed. A password can stand anywhere in an address that cannot be read, in a list and in an object:
 * nothing of them is shown but a scheme.
 */
function showValue(path: readonly PropertyKey[], value: unknown): string {
  if (path.some((name) => /password|secret|token|key$/i.test(String(name)))) {
    return REDACTED;
  }
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  if (typeof value !== 'string') {
    return String(value);
  }
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?/i.exec(value) ?? [];
  const shown = /[@=]|[^:]:./s.test(value) ? scheme + REDACTED : value;
  return JSON.stringify(shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}…` : shown);
}

/** The schema of a setting, as far as the tree says which provider's it is. */
function findSchema(schema: z.ZodType, tree: unknown, path: readonly PropertyKey[]): z.ZodType | undefined {
  let [found, value]: [z.ZodType | undefined, unknown] = [choose(schema, tree), tree];
  for (const name of path) {
    value = isTree(value) ? value[String(name)] : undefined;
    if (typeof name === 'number') {
      // An element of a list: what is allowed is told of the list.
      continue;
    }
    const shape: Readonly<Record<string, unknown>> = found instanceof z.ZodObject ? found.shape : {};
    const inner = shape[String(name)];
    found = inner instanceof z.ZodType ? choose(inner, value) : undefined;
  }
  return found;
}

/** Looks through what wraps a schema, and at the member of a union that the provider names. */
function choose(schema: z.ZodType, value: unknown): z.ZodType {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodDiscriminatedUnion && isTree(value)) {
    const objects = inner.options.map((option) => (option instanceof z.ZodType ? unwrap(option) : option));
    const named = objects.find((option) => option instanceof z.ZodObject && isNamed(option.shape, value['provider']));
    return named instanceof z.ZodObject ? named : inner;
  }
  return inner;
}

function isNamed(shape: Readonly<Record<string, unknown>>, provider: unknown): boolean {
  const { provider: literal } = shape;
  return literal instanceof z.ZodType && literal.safeParse(provider).success;
}

/** Takes off defaults and what comes after the check, down to a schema that says what is allowed. */
function unwrap(schema: z.ZodType): z.ZodType {
  if (schema.meta()?.['allowed'] !== undefined) {
    return schema;
  }
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  const inner = isWrapped ? schema.unwrap() : schema instanceof z.ZodPipe ? schema.in : undefined;
  return inner instanceof z.ZodType ? unwrap(inner) : schema;
}

function listNames(schema: z.ZodType | undefined): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function describeAllowed(schema: z.ZodType | undefined): string {
  const note = schema?.meta()?.['allowed'];
  if (typeof note === 'string') {
    return `it must be ${note}`;
  }
  const names = schema instanceof z.ZodDiscriminatedUnion ? ['provider'] : listNames(schema);
  return `it must be an object${names.length > 0 ? ` with ${names.join(', ')}` : ''}`;
}
