/**
 * A parser of lines in WebAssembly text, one line a call, to be varied: compilers make only some of the shapes that components
 * may have. Its lines are Latin-1, in whatever encoding its strings have.
 */
export interface Variation {
  /** Of its strings. Default UTF-8, and then the input must be ASCII. */
  readonly encoding?: 'utf8' | 'utf16' | 'compact-utf16';
  /** Whether results are freed after they were read. Default true. */
  readonly postReturn?: boolean;
  /** Whether `cabi_realloc` gives memory that lies elsewhere each time, and overwrites what it gave before. Default false. */
  readonly moves?: boolean;
  /** Fields of the module; what is imported comes first. */
  readonly imports?: string;
  readonly fields?: string;
  /** Instructions at the beginning of `init` and of `parse`. */
  readonly init?: string;
  readonly parse?: string;
  /** Instructions that make the byte that ends a line. Default `(i32.const 10)`. */
  readonly ending?: string;
}

const PARSER = 'chipmunk:parser/parser@0.1.0';
/** Where results lie, and where memory begins that is given away. */
const AREA = 1024;
const ITEM = 1056;
const HEAP = 65_536;

export function lineModule(variation: Variation = {}): string {
  const { encoding = 'utf8', postReturn = true, moves = false } = variation;
  const isWide = encoding === 'utf16';
  return `(module
  ${variation.imports ?? ''}
  (memory (export "memory") 4)
  (global $top (mut i32) (i32.const ${HEAP}))
  (global $left (mut i32) (i32.const -1))
  ${variation.fields ?? ''}
  (func $take (param $bytes i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $top))
    (global.set $top (i32.and (i32.add (i32.add (local.get $at) (local.get $bytes)) (i32.const 15)) (i32.const -8)))
    (block $enough
      (loop $grow
        (br_if $enough (i32.le_u (global.get $top) (i32.shl (memory.size) (i32.const 16))))
        (br_if $grow (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))
        unreachable))
    (local.get $at))
  (func $realloc (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $bytes i32) (result i32)
    (local $at i32)
    ${moves ? '' : '(if (local.get $old) (then (return (local.get $old))))'}
    (local.set $at (call $take (local.get $bytes)))
    (if (local.get $old) (then
      (memory.copy (local.get $at) (local.get $old)
        (select (local.get $size) (local.get $bytes) (i32.lt_u (local.get $size) (local.get $bytes))))
      (memory.fill (local.get $old) (i32.const 255) (local.get $size))))
    (local.get $at))
  (func (export "${PARSER}#get-version") (result i32) (i32.const 16))
  (func (export "${PARSER}#get-config-schemas") (result i32) (i32.const 16))
  (func (export "${PARSER}#get-render-options") (result i32) (i32.const 16))
  (func (export "${PARSER}#init") (param i32 i32 i32) (result i32) ${variation.init ?? ''} (i32.const 16))
  ${postReturn ? `(func (export "cabi_post_${PARSER}#parse") (param i32) (global.set $top (i32.const ${HEAP})))` : ''}
  (func $widen (param $from i32) (param $length i32) (result i32)
    (local $to i32) (local $i i32)
    (local.set $to (call $take (i32.shl (local.get $length) (i32.const 1))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $length)))
        (i32.store16 (i32.add (local.get $to) (i32.shl (local.get $i) (i32.const 1)))
          (i32.load8_u (i32.add (local.get $from) (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.get $to))
  (func (export "${PARSER}#parse") (param $at i32) (param $given i32) (param i32 i64) (result i32)
    (local $length i32)
    ${variation.parse ?? ''}
    (memory.fill (i32.const ${AREA}) (i32.const 0) (i32.const 256))
    (block $found
      (loop $scan
        (if (i32.ge_u (local.get $length) (local.get $given))
          (then
            (br_if $found (i32.eq (local.get $given) (global.get $left)))
            (global.set $left (local.get $given))
            (return (i32.const ${AREA}))))
        (local.set $length (i32.add (local.get $length) (i32.const 1)))
        (br_if $scan (i32.ne
          (i32.load8_u (i32.sub (i32.add (local.get $at) (local.get $length)) (i32.const 1)))
          ${variation.ending ?? '(i32.const 10)'}))))
    (global.set $left (i32.sub (local.get $given) (local.get $length)))
    (i32.store (i32.const ${AREA + 4}) (i32.const ${ITEM}))
    (i32.store (i32.const ${AREA + 8}) (i32.const 1))
    (i32.store8 (i32.const ${ITEM}) (i32.const 1))
    (i32.store (i32.const ${ITEM + 20}) ${isWide ? '(call $widen (local.get $at) (local.get $length))' : '(local.get $at)'})
    (i32.store (i32.const ${ITEM + 24}) (local.get $length))
    (i64.store (i32.const ${ITEM + 88}) (i64.extend_i32_u (local.get $length)))
    (i32.const ${AREA})))`;
}
