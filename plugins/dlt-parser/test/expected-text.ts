// Values as text, worked out in another way than the parser does.

export function hexList(data: Uint8Array): string {
  return `[${[...data].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(', ')}]`;
}

/** The shortest digits that give the same number, without an exponent. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return specialText(value);
  // As many digits as JavaScript takes; but what is just between two goes away from zero, as in Rust.
  const shortest = (positive: number) => {
    const count = String(positive)
      .replace(/e.*|\.|^0\.?0*/g, '')
      .replace(/0+$/, '').length;
    return positive.toPrecision(Math.max(count, 1));
  };
  return withoutExponent(digitsOf(value, shortest));
}

/** The same for a number of 32 bits. */
export function singleText(value: number): string {
  if (!Number.isFinite(value)) return specialText(value);
  const shortest = (positive: number) => {
    for (let precision = 1; precision < 10; precision++) {
      const text = positive.toPrecision(precision);
      if (Math.fround(Number(text)) === positive) return text;
    }
    throw new Error(`${value} is no number of 32 bits`);
  };
  return withoutExponent(digitsOf(value, shortest));
}

function specialText(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value < 0 ? '-inf' : 'inf';
}

function digitsOf(value: number, format: (positive: number) => string): string {
  const isNegative = value < 0 || Object.is(value, -0);
  return (isNegative ? '-' : '') + (value === 0 ? '0' : format(Math.abs(value)));
}

function withoutExponent(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text) ?? [];
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = digits.padStart(digits.length + Math.max(0, -point), '0').padEnd(point, '0');
  const before = padded.slice(0, Math.max(point, 0)).replace(/^0+(?=\d)/, '') || '0';
  const behind = (point > 0 ? padded.slice(point) : padded).replace(/0+$/, '');
  return sign + before + (behind === '' ? '' : `.${behind}`);
}

/** `value * quantisation + offset` without the product's fraction. */
export function fixedPointText(value: bigint, quantisation: number, offset: bigint): string {
  const product = Number(value) * quantisation;
  const whole = BigInt(Math.trunc(product));
  if (product >= 2 ** 63) {
    const most = (1n << 64n) - 1n;
    return String(BigInt.asUintN(64, (whole > most ? most : whole) + BigInt.asUintN(64, offset)));
  }
  const least = -(1n << 63n);
  return String(BigInt.asIntN(64, (whole < least ? least : whole) + offset));
}

/** Text up to its first NUL, without line breaks. */
export function textOf(data: Buffer, isUtf8: boolean): string {
  const end = data.indexOf(0);
  const text = end === -1 ? data : data.subarray(0, end);
  return decoded(text, isUtf8).replace(/\r?\n/g, '');
}

function decoded(text: Buffer, isUtf8: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: !isUtf8, ignoreBOM: true }).decode(text);
  } catch {
    return text.toString('latin1');
  }
}
