import { inspect } from 'node:util';

/** What stands wherever a secret would be printed. */
export const REDACTED = '[redacted]';

/** A text that nothing prints: no template, JSON, console or error. Who needs it calls `reveal`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself; hand it to the driver and to nobody else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
