/** What follows the time in a line of the sample log: level, component, and a message of any length. */
import type { Random } from './seeded-random.js';

const COMPONENTS = [
  'gateway',
  'scheduler',
  'storage',
  'auth',
  'can-bus',
  'telemetry',
  'updater',
  'navigation',
  'cache',
];
const USERS = ['alice', 'bob', 'jürgen', 'zoë', 'władysław', 'ольга', '美咲', 'deploy-bot'];
const PLACES = ['München', 'Reykjavík', 'São Paulo', 'Kraków', '東京', 'Αθήνα', 'Toronto', 'Leeds'];
const PATHS = ['/api/v2/trips', '/api/v2/vehicles', '/health', '/login', '/static/map.js', '/api/v1/upload'];

/** Level and text. */
const MESSAGES: readonly (readonly [string, (pick: Picker) => string])[] = [
  ['INFO ', (p) => `GET ${p.of(PATHS)}/${p.number(99_999)} 200 in ${p.number(900)} ms, ${p.number(64_000)} bytes`],
  [
    'WARN ',
    (p) => `POST ${p.of(PATHS)} ${p.of(['201', '400', '409', '503'])} in ${p.number(3000)} ms from ${p.address()}`,
  ],
  ['INFO ', (p) => `job ${p.hex(8)} finished: ${p.number(5000)} records, ${p.number(40)} retries`],
  ['DEBUG', (p) => `signal 0x${p.hex(3)} dlc=8 data=${p.hex(16)} counter=${p.number(255)}`],
  ['INFO ', (p) => `session ${p.hex(12)} of ${p.of(USERS)} opened from ${p.address()}`],
  [
    'INFO ',
    (p) =>
      `route to ${p.of(PLACES)} computed: ${p.number(900)} km, ${p.number(60)} waypoints, cost=${p.number(100_000)}`,
  ],
  ['DEBUG', (p) => `cache ${p.of(['hit', 'miss', 'evict'])} key=${p.hex(20)} bytes=${p.number(8192)}`],
  ['WARN ', (p) => `retrying ${p.address()}:${p.number(65_535)} in ${p.number(30)} s (attempt ${p.number(9)})`],
  [
    'INFO ',
    (p) =>
      `compacted segment ${p.number(4096)}: ${p.number(900)} -> ${p.number(300)} MiB, ${p.number(12_000)} tombstones dropped`,
  ],
  ['ERROR', (p) => `java.io.IOException: connection reset by peer; at ${p.stack()}`],
  ['DEBUG', () => 'heartbeat'],
];

/** Lines without their time, each with its line end. */
export function messageTails(random: Random, count: number): readonly Buffer[] {
  const pick = new Picker(random);
  return Array.from({ length: count }, () => {
    const [level, message] = pick.of(MESSAGES);
    return Buffer.from(`${level} [${pick.of(COMPONENTS)}-${pick.number(16)}] ${message(pick)}\n`, 'utf8');
  });
}

class Picker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  of<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#random() * values.length)] as Value;
  }

  /** From 1 to `most`. */
  number(most: number): number {
    return 1 + Math.floor(this.#random() * most);
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => Math.floor(this.#random() * 16).toString(16)).join('');
  }

  address(): string {
    return `10.${this.number(254)}.${this.number(254)}.${this.number(254)}`;
  }

  stack(): string {
    const frames = Array.from(
      { length: this.number(3) },
      () => `com.example.${this.of(COMPONENTS)}.Worker.run(Worker.java:${this.number(900)})`,
    );
    return frames.join(' at ');
  }
}
