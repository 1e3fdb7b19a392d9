/**
 * Plugins in WebAssembly text, for what a compiler would not let through. They are parsers of lines, one a call, that do
 * act number N on a line `!N`, on top of the result that they would have returned for it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { componentEmbed, componentNew, parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';

/** Where the result area and the one item of its list lie. */
export const AREA = 1024;
export const ITEM = 1056;
/** Where the pointer and the length of the list of times lie, and the one time of that list. */
export const TIMES = 1536;
export const TIME = 1544;

export interface WatPlugin {
  /** Instructions. They may set `$result`, what `parse` returns, and read `$at` and `$length`, the line with its LF. */
  readonly acts?: readonly string[];
  /** Instructions at the beginning of other functions. */
  readonly version?: string;
  readonly schemas?: string;
  readonly renderOptions?: string;
  readonly init?: string;
  readonly realloc?: string;
  readonly post?: string;
  /** Instructions at the beginning of `get-item-times`, which gives each line a time, 5. Default: it gives no times. */
  readonly times?: string;
  /** A start function. */
  readonly start?: string;
  /** Fields of the module. */
  readonly fields?: string;
  /** Names of more locals of `parse`, for the acts. */
  readonly locals?: readonly string[];
  /** Imports of the module; of WASI, what wasi.wit has. */
  readonly imports?: string;
  /** Of strings. Default `utf8`; with `utf16` what it returns is lifted by the bindings. */
  readonly encoding?: 'utf8' | 'utf16';
  /** Of 64 KiB, at the start. Default 2. */
  readonly pages?: number;
}

/** Instructions that overwrite 1, 4 or 8 bytes. */
export const put8 = (at: number, value: number): string => `(i32.store8 (i32.const ${at}) (i32.const ${value}))`;
export const put32 = (at: number, value: number): string => `(i32.store (i32.const ${at}) (i32.const ${value}))`;
export const put64 = (at: number, value: bigint): string => `(i64.store (i32.const ${at}) (i64.const ${value}))`;

const WASI = [
  'io/streams',
  'cli/environment',
  'cli/exit',
  'cli/stdout',
  'filesystem/types',
  'filesystem/preopens',
  'sockets/instance-network',
  'sockets/tcp-create-socket',
  'sockets/udp-create-socket',
  'sockets/ip-name-lookup',
];
const PARSER = 'chipmunk:parser/parser@0.1.0';
const ROWS = 'chipmunk-host:rows/times@0.1.0';

/** @returns the component */
export async function watPlugin(plugin: WatPlugin): Promise<Uint8Array> {
  const witSource = wit(plugin.times === undefined ? '' : `export ${ROWS};`);
  const { encoding = 'utf8' } = plugin;
  const binary = await componentEmbed({
    binary: await parseWat(moduleOf(plugin)),
    witSource,
    world: 'plugin',
    stringEncoding: encoding,
  });
  return componentNew(binary, []);
}

/** With all of WASI imported; what the module does not import is left out of the component. */
function wit(exports: string): string {
  const folder = join(import.meta.dirname, '..', '..', '..', '..', 'wit');
  const nested = ['v0.1.0/shared/shared', 'v0.1.0/parser/parser', 'rows/v0.1.0/rows'].map((name) =>
    readFileSync(join(folder, `${name}.wit`), 'utf8')
      .replace(/^package ([^;]+);/m, 'package $1 {')
      .concat('\n}\n'),
  );
  const wasi = readFileSync(join(import.meta.dirname, 'wasi.wit'), 'utf8');
  const imports = WASI.map((name) => `import wasi:${name}@0.2.0;`).join(' ');
  return `package test:plugin;
    world plugin { ${imports} include chipmunk:parser/parse@0.1.0; export chipmunk:parser/parser@0.1.0; ${exports} }
    ${nested.join('\n')}
    ${wasi}`;
}

function moduleOf(plugin: WatPlugin): string {
  const acts = (plugin.acts ?? []).map(
    (act, number) => `(if (i32.eq (local.get $act) (i32.const ${number})) (then ${act}))`,
  );
  return `(module
  (import "chipmunk:shared/logging@0.1.0" "log" (func $log (param i32 i32 i32)))
  ${plugin.imports ?? ''}
  (memory (export "memory") ${plugin.pages ?? 2})
  (global $top (mut i32) (i32.const 65536))
  (global $left (mut i32) (i32.const -1))
  ${plugin.fields ?? ''}
  ${plugin.start === undefined ? '' : `(func $start ${plugin.start}) (start $start)`}
  (func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $bytes i32) (result i32)
    (local $at i32)
    ${plugin.realloc ?? ''}
    (if (local.get $old) (then (return (local.get $old))))
    (local.set $at (global.get $top))
    (global.set $top (i32.and (i32.add (i32.add (local.get $at) (local.get $bytes)) (i32.const 7)) (i32.const -8)))
    (block $enough
      (loop $grow
        (br_if $enough (i32.le_u (global.get $top) (i32.shl (memory.size) (i32.const 16))))
        (br_if $grow (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))
        unreachable))
    (local.get $at))
  (func (export "${PARSER}#get-version") (result i32) ${plugin.version ?? ''} (i32.const 16))
  (func (export "${PARSER}#get-config-schemas") (result i32) ${plugin.schemas ?? ''} (i32.const 16))
  (func (export "${PARSER}#get-render-options") (result i32) ${plugin.renderOptions ?? ''} (i32.const 16))
  (func (export "${PARSER}#init") (param i32 i32 i32) (result i32) ${plugin.init ?? ''} (i32.const 16))
  (func (export "cabi_post_${PARSER}#parse") (param i32) ${plugin.post ?? ''} (global.set $top (i32.const 65536)))
  ${plugin.times === undefined ? '' : `(func (export "${ROWS}#get-item-times") (result i32) ${plugin.times} (i32.const ${TIMES}))`}
  (func (export "${PARSER}#parse") (param $at i32) (param $given i32) (param i32 i64) (result i32)
    (local $length i32) (local $act i32) (local $digit i32) (local $result i32)
    ${(plugin.locals ?? []).map((name) => `(local $${name} i32)`).join(' ')}
    (local.set $result (i32.const ${AREA}))
    (memory.fill (i32.const ${AREA}) (i32.const 0) (i32.const 256))
    (block $found
      (loop $scan
        (if (i32.ge_u (local.get $length) (local.get $given))
          (then
            (br_if $found (i32.eq (local.get $given) (global.get $left)))
            (global.set $left (local.get $given))
            (return (local.get $result))))
        (local.set $length (i32.add (local.get $length) (i32.const 1)))
        (br_if $scan (i32.ne
          (i32.load8_u (i32.sub (i32.add (local.get $at) (local.get $length)) (i32.const 1)))
          (i32.const 10)))))
    (global.set $left (i32.const -1))
    ${put32(AREA + 4, ITEM)}
    ${put32(AREA + 8, 1)}
    ${put8(ITEM, 1)}
    ${put32(TIMES, TIME)}
    ${put32(TIMES + 4, 1)}
    ${put64(TIME, 5n)}
    (i32.store (i32.const ${ITEM + 20}) (local.get $at))
    (i32.store (i32.const ${ITEM + 24}) (local.get $length))
    (i64.store (i32.const ${ITEM + 88}) (i64.extend_i32_u (local.get $length)))
    (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 33)) (then (return (local.get $result))))
    (block $read
      (loop $digits
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
        (br_if $read (i32.gt_u (local.get $digit) (i32.const 9)))
        (local.set $act (i32.add (i32.mul (local.get $act) (i32.const 10)) (local.get $digit)))
        (br $digits)))
    ${acts.join('\n    ')}
    (local.get $result)))`;
}
