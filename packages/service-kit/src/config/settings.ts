import { z } from 'zod';
import { Secret } from './secret.ts';
import { parseServerUrl, type ServerUrl } from './server-url.ts';

const describe = <S extends z.ZodType>(schema: S, allowed: string): S => schema.meta({ allowed });

/** A text of 1 to 4,096 characters, and of that form if one is given. */
export function textSetting(what = 'a text', form = /^/) {
  return describe(z.string().min(1).max(4096).regex(form), what);
}

/** The path of a file on this machine. What another program would take for something else is refused. */
export function fileSetting(what: string) {
  // `:memory:`, `file:` and what a shell makes of `~` would become names of files and folders here.
  return textSetting(what, /^(?!~|:memory:|[a-z]{2,}:)\P{Cc}+$/iu);
}

/** A whole number; also as text, as the environment gives it. */
export function wholeNumberSetting(min: number, max: number, unit?: string) {
  const number = z
    .preprocess((value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value), z.int())
    .refine((value) => value >= min && value <= max);
  const range = `${min.toLocaleString('en')} to ${max.toLocaleString('en')}`;
  return describe(number, `a whole number from ${range}${unit === undefined ? '' : `, ${unit}`}`);
}

/** True or false; also as text, as the environment gives it. */
export function flagSetting() {
  const flag = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());
  return describe(flag, 'true or false');
}

/** One of some words. */
export function choiceSetting<const T extends readonly [string, ...string[]]>(values: T) {
  return describe(z.enum(values), values.map((value) => `"${value}"`).join(' or '));
}

/** A text that is never printed. */
export function secretSetting() {
  const secret = z
    .string()
    .min(1)
    .max(4096)
    .transform((text) => new Secret(text));
  return describe(secret, 'a secret text; keep it in the environment or in a file');
}

/** What stands behind the `?` of an address is printed. */
const SECRET_PARAMETER = /[?&][^=&]*(?:password|passwd|secret|token)[^=&]*=/i;

/** The address of a server with one of these schemes (`redis:`). A password in it is kept apart. */
export function serverUrlSetting(schemes: readonly [string, ...string[]], example: string) {
  const url = z.string().transform((text, context): ServerUrl => {
    const parsed = parseServerUrl(text, schemes);
    if (parsed === undefined || SECRET_PARAMETER.test(parsed.shown)) {
      const message = 'has a secret behind the "?"; set "password", or write user:password before the host';
      context.addIssue(parsed === undefined ? 'Invalid input' : { code: 'custom', message });
      return z.NEVER;
    }
    return parsed;
  });
  return describe(url, `an address like ${example}`);
}

/** Several values: a list, or a text with commas, as the environment gives it. */
export function listSetting<S extends z.ZodType>(element: S, what: string) {
  const split = (value: unknown) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value);
  return describe(z.preprocess(split, z.array(element).min(1).max(100)), what);
}
