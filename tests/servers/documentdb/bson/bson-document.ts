import { BSON } from 'mongodb';
import { decodeExactly } from './encode-document.ts';

/** One field of a document, as bytes of it. */
interface Field {
  /** From the type byte to the end of the value. */
  readonly start: number;
  readonly end: number;
}

/**
 * A document that stays the bytes it came as; fields are decoded when asked for. So documents pass through the bridge
 * without a change of their types, and large ones without being decoded.
 */
export class BsonDocument {
  readonly bytes: Buffer;
  readonly #fields: ReadonlyMap<string, Field>;

  /** Throws a `BSONError` when the outer structure of the bytes is broken. */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const fields = new Map<string, Field>();
    for (const [, nameOffset, nameLength, offset, length] of BSON.onDemand.parseToElements(bytes)) {
      const name = bytes.toString('utf8', nameOffset, nameOffset + nameLength);
      fields.set(name, { start: nameOffset - 1, end: offset + length });
    }
    this.#fields = fields;
  }

  /** The names of the fields, in order. */
  names(): string[] {
    return [...this.#fields.keys()];
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** The value of a field; 64-bit integers as bigint, 32-bit ones and doubles as number; `undefined` when absent. */
  get(name: string): unknown {
    const alone = this.#cutOut(name);
    const decoded: Record<string, unknown> = alone === undefined ? {} : BSON.deserialize(alone, { useBigInt64: true });
    return decoded[name];
  }

  /** The value of a field, every number in a wrapper that keeps its type. */
  getExactly(name: string): unknown {
    const alone = this.#cutOut(name);
    return alone === undefined ? undefined : decodeExactly(alone)[name];
  }

  getString(name: string): string | undefined {
    const value = this.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** A finite number, whatever its type. */
  getNumber(name: string): number | undefined {
    const value = this.get(name);
    const number = typeof value === 'bigint' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  }

  getDocument(name: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.get(name);
    return isPlainDocument(value) ? value : undefined;
  }

  /** `undefined` when absent or not an array. */
  getArray(name: string): readonly unknown[] | undefined {
    const value = this.get(name);
    return Array.isArray(value) ? value : undefined;
  }

  /** As MongoDB reads a flag: anything but false, 0, null and nothing. */
  isSet(name: string): boolean {
    return Boolean(this.get(name));
  }

  /** The bytes of a nested document. */
  getBytes(name: string): Buffer | undefined {
    const field = this.#fields.get(name);
    const start = field === undefined ? 0 : this.bytes.indexOf(0, field.start + 1) + 1;
    return field === undefined ? undefined : this.bytes.subarray(start, field.end);
  }

  /** A document that has nothing but that field. */
  #cutOut(name: string): Buffer | undefined {
    const field = this.#fields.get(name);
    if (field === undefined) {
      return undefined;
    }
    const alone = Buffer.alloc(4 + field.end - field.start + 1);
    alone.writeInt32LE(alone.length, 0);
    this.bytes.copy(alone, 4, field.start, field.end);
    return alone;
  }
}

/** Whether a decoded value is a document, and not an array or a value of a special type. */
export function isPlainDocument(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
