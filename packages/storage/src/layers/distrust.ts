import { type KeyPattern, matchesKeyPattern, parseKeyPattern } from '../checks/key-pattern.ts';

/** The pattern of all keys. */
const EVERYTHING = '**';

/** Something that the store may hold in an older state than was acknowledged. */
export interface Mark {
  readonly kind: 'key' | 'pattern';
  /** The key, or the pattern of the keys. */
  readonly text: string;
  /** Whether a write that was given up may still take effect. Removing once is not enough then. */
  readonly mayLand: boolean;
  /** From when on nothing that was given up can still take effect, as `Timers.elapsed` says; `undefined`: not known yet. */
  settledAt: number | undefined;
}

/** Which keys of a store are not to be read before they were removed there. */
export interface Distrust {
  /** How many marks there are. */
  readonly size: number;
  isTrusted(key: string): boolean;
  /** The mark of exactly this key. */
  markOf(key: string): Mark | undefined;
  /** Whether a write of the key can be sent without one that was given up taking effect after it. */
  isSettled(key: string, now: number): boolean;
  /** Marks a key. What was known of an older mark stays, but whoever is removing that key now has to do so again. */
  addKey(key: string, mayLand: boolean): void;
  addPattern(pattern: string): void;
  /** Drops a mark, unless it was made anew meanwhile. */
  drop(mark: Mark): void;
  list(): Mark[];
  clear(): void;
}

/**
 * Creates an empty set of marks.
 *
 * @param options.maxKeys how many keys are remembered; with one more, all keys are distrusted.
 * @param options.maxPatterns as `maxKeys`, for patterns.
 * @param options.onOverflow is told when that happens.
 */
export function createDistrust(options: {
  readonly maxKeys: number;
  readonly maxPatterns: number;
  readonly onOverflow: () => void;
}): Distrust {
  const keys = new Map<string, Mark>();
  const patterns = new Map<string, Mark & { readonly parsed: KeyPattern }>();
  const markPattern = (text: string, mayLand: boolean) => {
    const mark = renew(patterns.get(text), { kind: 'pattern', text, mayLand });
    patterns.set(text, { ...mark, parsed: parseKeyPattern(text) });
  };
  const boundTo = (map: ReadonlyMap<string, Mark>, max: number) => {
    if (map.size > max) {
      keys.clear();
      patterns.clear();
      markPattern(EVERYTHING, true);
      options.onOverflow();
    }
  };
  const marksOf = (key: string): Mark[] => {
    const mark = keys.get(key);
    const wider = [...patterns.values()].filter(({ parsed }) => matchesKeyPattern(parsed, key));
    return mark === undefined ? wider : [mark, ...wider];
  };
  return {
    get size() {
      return keys.size + patterns.size;
    },
    isTrusted: (key) => (keys.size === 0 && patterns.size === 0) || marksOf(key).length === 0,
    markOf: (key) => keys.get(key),
    isSettled: (key, now) =>
      marksOf(key).every(({ mayLand, settledAt }) => !mayLand || (settledAt !== undefined && settledAt <= now)),
    addKey: (key, mayLand) => {
      keys.set(key, renew(keys.get(key), { kind: 'key', text: key, mayLand }));
      boundTo(keys, options.maxKeys);
    },
    addPattern: (pattern) => {
      markPattern(pattern, false);
      boundTo(patterns, options.maxPatterns);
    },
    drop: (mark) => {
      const map = mark.kind === 'key' ? keys : patterns;
      if (map.get(mark.text) === mark) {
        map.delete(mark.text);
      }
    },
    list: () => [...keys.values(), ...patterns.values()],
    clear: () => {
      keys.clear();
      patterns.clear();
    },
  };
}

/** A new mark. What is known of writes that were given up before stays known, unless this is about one that was. */
function renew(older: Mark | undefined, mark: Pick<Mark, 'kind' | 'text' | 'mayLand'>): Mark {
  const settledAt = mark.mayLand ? undefined : older?.settledAt;
  return { ...mark, mayLand: mark.mayLand || older?.mayLand === true, settledAt };
}
