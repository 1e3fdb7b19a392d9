/** Components to begin with: the string parser where it is built, and small ones that each use another part of the format. */
import { readFileSync } from 'node:fs';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';

const STRING_PARSER = new URL('../../../plugins/string-parser/dist/string-parser.wasm', import.meta.url);

const LIFTED = `(component
  (core module $m (memory (export "memory") 1 4) (table 1 2 funcref)
    (func (export "run") (result i32) i32.const 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 8)
    (func (export "greet") (param i32 i32) (result i32) i32.const 16)
    (func (export "cabi_post_greet") (param i32)))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "run")))
  (func $g (param "name" string) (result string) (canon lift (core func $i "greet") (memory (core memory $i "memory"))
    (realloc (core func $i "cabi_realloc")) (post-return (core func $i "cabi_post_greet"))))
  (export "run" (func $f))
  (export "greet" (func $g)))`;

const IMPORTING = `(component
  (import "test:host/log@1.0.0" (instance $log
    (type $level' (enum "low" "high"))
    (export "level" (type $level (eq $level')))
    (export "write" (func (param "level" $level) (param "value" u32)))))
  (alias export $log "write" (func $write))
  (core func $lowered (canon lower (func $write)))
  (core module $m (import "test:host/log@1.0.0" "write" (func $w (param i32 i32)))
    (func (export "run") (call $w (i32.const 0) (i32.const 7))))
  (core instance $host (export "write" (func $lowered)))
  (core instance $i (instantiate $m (with "test:host/log@1.0.0" (instance $host))))
  (func $f (canon lift (core func $i "run")))
  (export "run" (func $f)))`;

const NESTED = `(component
  (core module $m (func (export "run") (result i32) i32.const 1))
  (component $inner
    (alias outer 1 $m (core module $shared))
    (core instance $i (instantiate $shared))
    (func $f (result u32) (canon lift (core func $i "run")))
    (export "run" (func $f)))
  (instance $one (instantiate $inner))
  (alias export $one "run" (func $f))
  (component $shim (import "run" (func $run (result u32))) (export "run" (func $run)))
  (instance $api (instantiate $shim (with "run" (func $f))))
  (export "test:api/runner@0.1.0" (instance $api)))`;

const TYPED = `(component
  (import "test:types/shapes@0.1.0" (instance $shapes
    (type $point' (record (field "x" u32) (field "y" s64)))
    (export "point" (type $point (eq $point')))
    (type $shape' (variant (case "dot" $point) (case "none")))
    (export "shape" (type (eq $shape')))
    (type $marks' (flags "bold" "thin"))
    (export "marks" (type (eq $marks')))
    (export "thing" (type $thing (sub resource)))
    (export "[method]thing.size" (func (param "self" (borrow $thing)) (result u32)))))
  (alias export $shapes "point" (type $point))
  (alias export $shapes "shape" (type $shape))
  (alias export $shapes "marks" (type $marks))
  (alias export $shapes "[method]thing.size" (func $size))
  (core func $lowered (canon lower (func $size)))
  (core module $m (import "env" "[method]thing.size" (func (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 8)
    (func (export "draw") (param i32 i32 i32 i64 i32) (result i32) i32.const 16))
  (core instance $env (export "[method]thing.size" (func $lowered)))
  (core instance $i (instantiate $m (with "env" (instance $env))))
  (func $draw (param "scale" u32) (param "shape" $shape) (param "marks" $marks) (result (result string (error $point)))
    (canon lift (core func $i "draw") (memory (core memory $i "memory")) (realloc (core func $i "cabi_realloc"))))
  (export "draw" (func $draw)))`;

export async function loadCorpus() {
  const small = await Promise.all([LIFTED, IMPORTING, NESTED, TYPED].map((text) => parse(text)));
  return [...stringParser(), ...small.map((bytes) => Buffer.from(bytes))];
}

function stringParser() {
  try {
    return [readFileSync(STRING_PARSER)];
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
