/** What a source that reads a serial port is told. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';

/** A serial port. It needs the package `serialport`, which who uses it installs. */
export interface SerialOptions {
  /** Such as `/dev/ttyUSB0` or `COM3`. */
  readonly path: string;
  /** Bits a second. */
  readonly baudRate: number;
  /** Default 8. */
  readonly dataBits?: 5 | 6 | 7 | 8 | undefined;
  /** Default 1. */
  readonly stopBits?: 1 | 1.5 | 2 | undefined;
  /** Default `none`. */
  readonly parity?: 'none' | 'even' | 'odd' | 'mark' | 'space' | undefined;
  /** Flow control by wires. Default false. */
  readonly rtscts?: boolean | undefined;
  /** Flow control by characters. Default false. */
  readonly xon?: boolean | undefined;
  /** See `xon`. */
  readonly xoff?: boolean | undefined;
  /** Whether the modem's lines are lowered when it is closed. Default true. */
  readonly hupcl?: boolean | undefined;
  /** Whether other programs are kept from opening it. Default true. */
  readonly lock?: boolean | undefined;
}

const oneOf = (...values: readonly number[]) => ({
  expected: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
  accepts: (value: unknown) => (values as readonly unknown[]).includes(value),
});

export const SERIAL: OptionTable<SerialOptions> = {
  path: option.required(option.path),
  baudRate: option.required(option.whole(1)),
  dataBits: oneOf(5, 6, 7, 8),
  stopBits: oneOf(1, 1.5, 2),
  parity: option.oneOf(['none', 'even', 'odd', 'mark', 'space']),
  rtscts: option.flag,
  xon: option.flag,
  xoff: option.flag,
  hupcl: option.flag,
  lock: option.flag,
};
