/** The texts that start with a prefix: from the first up to, but without, the second; without end when that is absent. */
export interface TextRange {
  readonly from: string;
  readonly below: string | undefined;
}

/** The range of the texts that start with `prefix`, in the order of code points, which is how the databases compare texts here. */
export function toTextRange(prefix: string): TextRange {
  const characters = Array.from(prefix);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const next = nextCodePoint(last.codePointAt(0) ?? 0);
    if (next !== undefined) {
      return { from: prefix, below: characters.join('') + String.fromCodePoint(next) };
    }
  }
  return { from: prefix, below: undefined };
}

/** The code point after another, leaving out the surrogates, which are no characters; `undefined` after the last. */
function nextCodePoint(codePoint: number): number | undefined {
  if (codePoint === 0x10ffff) {
    return undefined;
  }
  return codePoint === 0xd7ff ? 0xe000 : codePoint + 1;
}
