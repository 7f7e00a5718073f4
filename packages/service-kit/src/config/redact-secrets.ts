import { REDACTED, Secret } from './secret.ts';

/** Shorter secrets cannot be told from ordinary words, so the text of a foreign error is dropped as a whole. */
const SHORTEST_TOLD = 4;

/** The secrets in settings, at any depth. */
export function findSecrets(settings: unknown): Secret[] {
  if (settings instanceof Secret) {
    return [settings];
  }
  return typeof settings === 'object' && settings !== null ? Object.values(settings).flatMap(findSecrets) : [];
}

/** Takes secrets out of a text, also where they are encoded for an address. */
export function redactText(text: string, secrets: readonly Secret[]): string {
  let shown = text;
  for (const plain of secrets.map((secret) => secret.reveal())) {
    const forms = [plain, encodeURIComponent(plain), encodeURI(plain), JSON.stringify(plain).slice(1, -1)];
    if (forms.some((form) => shown.includes(form)) && plain.length < SHORTEST_TOLD) {
      return REDACTED;
    }
    for (const form of new Set(forms)) {
      shown = shown.replaceAll(form, REDACTED);
    }
  }
  return shown;
}

const DEEPEST_CAUSE = 8;

/** A copy of an error and its causes that holds no secret: name, code, message and stack of each. */
export function redactError(error: unknown, secrets: readonly Secret[], depth = 0): Error {
  if (!(error instanceof Error)) {
    return new Error(redactText(String(error), secrets));
  }
  const { cause } = error;
  const isLast = cause === undefined || depth >= DEEPEST_CAUSE;
  const options = isLast ? {} : { cause: redactError(cause, secrets, depth + 1) };
  const copy = new Error(redactText(error.message, secrets), options);
  copy.name = error.name;
  copy.stack = redactText(error.stack ?? '', secrets);
  return 'code' in error ? Object.assign(copy, { code: redactText(String(error.code), secrets) }) : copy;
}
