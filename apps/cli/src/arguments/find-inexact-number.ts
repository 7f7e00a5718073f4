const STRING = '"';
/** The longest number that a double carries and that is written without an exponent has 309 digits. */
const MAX_LENGTH = 400;
const LITERAL = /[\d.eE+-]+/y;
const DECIMAL = /^-?(?<whole>\d+)(?:\.(?<fraction>\d+))?(?:[eE](?<exponent>[+-]?\d+))?$/;

/**
 * Finds the first number in JSON text that a double cannot carry, so that another one would be signed in its place:
 * `9007199254740993` would become 9007199254740992. `1.0` and `1e3` are only written otherwise and pass. The text must be JSON.
 */
export function findInexactNumber(json: string): string | undefined {
  for (let at = 0; at < json.length; at++) {
    const character = json.charAt(at);
    if (character === STRING) {
      at = findStringEnd(json, at);
      continue;
    }
    if (character !== '-' && (character < '0' || character > '9')) {
      continue;
    }
    LITERAL.lastIndex = at;
    const literal = LITERAL.exec(json)?.[0] ?? '';
    if (literal.length > MAX_LENGTH || toDecimal(literal) !== toDecimal(String(Number(literal)))) {
      return literal;
    }
    at += literal.length - 1;
  }
  return undefined;
}

function findStringEnd(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charAt(at) !== STRING) {
    at += json.charAt(at) === '\\' ? 2 : 1;
  }
  return at;
}

/** The one way to write the absolute value of a number: its digits without zeros at the ends, and the power of ten behind them. */
function toDecimal(literal: string): string {
  const { whole = '', fraction = '', exponent = '0' } = DECIMAL.exec(literal)?.groups ?? {};
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return significant === '' ? '0' : `${significant}e${power}`;
}
