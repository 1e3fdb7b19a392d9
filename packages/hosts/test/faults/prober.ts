/**
 * A plugin that tries to get out of its sandbox: each line names a thing to try, and the item of that line is the answer: `ok`, what
 * was read, or the number of the error code that it was refused with.
 */
import { ITEM, put32, type WatPlugin } from './wat-plugin.js';

/** Numbers of `error-code` of wasi:filesystem. */
export const FileError = { noEntry: 20, notPermitted: 31, crossDevice: 36 } as const;
/** Number of `error-code` of wasi:sockets. */
export const ACCESS_DENIED = 1;

/** The name under which links, copies and new files are made. */
const NEW_NAME = 'new';

/** Where the answer, results of calls and constant texts lie; the arena of the plugin begins at 65,536. */
const ANSWER = 2048;
const RESULT = 4096;
const NAME = 5120;
const OK = 5200;
const SCHEMA = 6144;
const SCHEMA_ID = 6400;
const OUTPUT = 8192;
const OUTPUT_BYTES = 32_768;
/** Calls of `write` for each of the two acts that print. */
const LONG_WRITES = 65_536;
const SHORT_WRITES = 256;

/** Bytes that the act `print` writes, without a line's end. */
export const PRINTED_BYTES = LONG_WRITES * OUTPUT_BYTES;
/** Bytes that the act `print-lines` writes, in lines of one byte and LF. */
export const PRINTED_LINE_BYTES = SHORT_WRITES * OUTPUT_BYTES;

const FILES = 'wasi:filesystem/types@0.2.0';
const RESULT_AT = `(i32.const ${RESULT})`;
const NEW = `(i32.const ${NAME}) (i32.const ${NEW_NAME.length})`;
const PATH = '(local.get $path) (local.get $pathBytes)';
const [GRANTED, TEMPORARY] = ['(call $directory (i32.const 0))', '(call $temporary)'];

/** Calls that return `result<..., error-code>`, with the error at `payload` bytes. */
const refusable = (call: string, payload: number) => `${call} (call $answer (i32.const ${payload}))`;
const open = (from: string, openFlags: number, flags: number) =>
  `(call $open-at ${from} (i32.const 1) ${PATH} (i32.const ${openFlags}) (i32.const ${flags}) ${RESULT_AT})`;
const readOpened = `(if (i32.eqz (i32.load8_u ${RESULT_AT})) (then
    (call $read (i32.load (i32.const ${RESULT + 4})) (i64.const 1000) (i64.const 0) ${RESULT_AT})
    (if (i32.eqz (i32.load8_u ${RESULT_AT})) (then
      (i32.store (i32.const ${ITEM + 20}) (i32.load (i32.const ${RESULT + 4})))
      (i32.store (i32.const ${ITEM + 24}) (i32.load (i32.const ${RESULT + 8})))
      (return (local.get $result))))))
  (call $answer (i32.const 4))`;
const print = (writes: number) => `(local.set $stream (call $get-stdout)) (local.set $left (i32.const ${writes}))
  (loop $more
    (call $write-out (local.get $stream) (i32.const ${OUTPUT}) (i32.const ${OUTPUT_BYTES}) ${RESULT_AT})
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br_if $more (local.get $left)))
  (call $answer (i32.const 4))`;

/** By the name that a line begins with; paths follow behind a space. The granted directory, unless the name says otherwise. */
const ACTS = {
  read: `${open(GRANTED, 0, 1)} ${readOpened}`,
  'read-temporary': `${open(TEMPORARY, 0, 1)} ${readOpened}`,
  create: refusable(open(GRANTED, 1, 3), 4),
  truncate: refusable(open(GRANTED, 8, 3), 4),
  'make-directory': refusable(`(call $create-directory-at ${GRANTED} ${PATH} ${RESULT_AT})`, 1),
  remove: refusable(`(call $unlink-file-at ${GRANTED} ${PATH} ${RESULT_AT})`, 1),
  rename: refusable(`(call $rename-at ${GRANTED} ${PATH} ${GRANTED} ${NEW} ${RESULT_AT})`, 1),
  'rename-to-temporary': refusable(`(call $rename-at ${GRANTED} ${PATH} ${TEMPORARY} ${NEW} ${RESULT_AT})`, 1),
  'link-to-temporary': refusable(
    `(call $link-at ${GRANTED} (i32.const 0) ${PATH} ${TEMPORARY} ${NEW} ${RESULT_AT})`,
    1,
  ),
  symlink: refusable(`(call $symlink-at ${GRANTED} ${PATH} ${NEW} ${RESULT_AT})`, 1),
  'symlink-in-temporary': refusable(`(call $symlink-at ${TEMPORARY} ${PATH} ${NEW} ${RESULT_AT})`, 1),
  'create-in-temporary': refusable(open(TEMPORARY, 1, 3), 4),
  'rename-in-temporary': refusable(`(call $rename-at ${TEMPORARY} ${PATH} ${TEMPORARY} ${NEW} ${RESULT_AT})`, 1),
  'fill-temporary-and-trap': `${open(TEMPORARY, 1, 3)}
    (if (i32.load8_u ${RESULT_AT}) (then (call $answer (i32.const 4)) (return (local.get $result))))
    (call $write (i32.load (i32.const ${RESULT + 4})) (i32.const ${OUTPUT}) (i32.const ${OUTPUT_BYTES}) (i64.const 0)
      ${RESULT_AT})
    unreachable`,
  environment: `(call $get-environment ${RESULT_AT}) (call $number (i32.load (i32.const ${RESULT + 4})))`,
  arguments: `(call $get-arguments ${RESULT_AT}) (call $number (i32.load (i32.const ${RESULT + 4})))`,
  tcp: refusable(`(call $create-tcp-socket (i32.const 0) ${RESULT_AT})`, 4),
  udp: refusable(`(call $create-udp-socket (i32.const 1) ${RESULT_AT})`, 4),
  resolve: refusable(`(call $resolve-addresses (call $instance-network) ${PATH} ${RESULT_AT})`, 4),
  'open-for-ever': `(loop $again ${open(GRANTED, 0, 1)} (br $again))`,
  exit: '(call $exit (i32.const 0))',
  'exit-with-failure': '(call $exit (i32.const 1))',
  print: print(LONG_WRITES),
  'print-lines': `(memory.fill (i32.const ${OUTPUT}) (i32.const 10) (i32.const ${OUTPUT_BYTES}))
    (loop $every (i32.store8 (i32.add (i32.const ${OUTPUT}) (local.get $left)) (i32.const 120))
      (local.set $left (i32.add (local.get $left) (i32.const 2)))
      (br_if $every (i32.lt_u (local.get $left) (i32.const ${OUTPUT_BYTES}))))
    ${print(SHORT_WRITES)}`,
} as const;

export type ProbeAct = keyof typeof ACTS;

/** The line that has the prober try something. */
export function line(act: ProbeAct, path = ''): string {
  return `!${Object.keys(ACTS).indexOf(act)} ${path}\n`;
}

/** Has a setting `root`, of directories: what is named in it is granted, for reading. */
export function prober(overrides: Partial<WatPlugin> = {}): WatPlugin {
  // Behind the number and a space, to the end of the line.
  const path = `(local.set $path (i32.add (local.get $at) (i32.const 1)))
    (local.set $pathBytes (i32.sub
      (i32.add (i32.load (i32.const ${ITEM + 20})) (i32.load (i32.const ${ITEM + 24})))
      (i32.add (local.get $path) (i32.const 1))))`;
  const acts = Object.values(ACTS).map((act) => `${path} ${act}`);
  return {
    acts,
    imports: IMPORTS,
    fields: FIELDS,
    schemas: SCHEMAS,
    locals: ['path', 'pathBytes', 'stream', 'left'],
    ...overrides,
  };
}

const IMPORTS = `
  (import "wasi:cli/environment@0.2.0" "get-environment" (func $get-environment (param i32)))
  (import "wasi:cli/environment@0.2.0" "get-arguments" (func $get-arguments (param i32)))
  (import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))
  (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $get-stdout (result i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.write" (func $write-out (param i32 i32 i32 i32)))
  (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $get-directories (param i32)))
  (import "${FILES}" "[method]descriptor.read" (func $read (param i32 i64 i64 i32)))
  (import "${FILES}" "[method]descriptor.write" (func $write (param i32 i32 i32 i64 i32)))
  (import "${FILES}" "[method]descriptor.create-directory-at" (func $create-directory-at (param i32 i32 i32 i32)))
  (import "${FILES}" "[method]descriptor.link-at" (func $link-at (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "${FILES}" "[method]descriptor.open-at" (func $open-at (param i32 i32 i32 i32 i32 i32 i32)))
  (import "${FILES}" "[method]descriptor.rename-at" (func $rename-at (param i32 i32 i32 i32 i32 i32 i32)))
  (import "${FILES}" "[method]descriptor.symlink-at" (func $symlink-at (param i32 i32 i32 i32 i32 i32)))
  (import "${FILES}" "[method]descriptor.unlink-file-at" (func $unlink-file-at (param i32 i32 i32 i32)))
  (import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket" (func $create-tcp-socket (param i32 i32)))
  (import "wasi:sockets/udp-create-socket@0.2.0" "create-udp-socket" (func $create-udp-socket (param i32 i32)))
  (import "wasi:sockets/instance-network@0.2.0" "instance-network" (func $instance-network (result i32)))
  (import "wasi:sockets/ip-name-lookup@0.2.0" "resolve-addresses" (func $resolve-addresses (param i32 i32 i32 i32)))`;

const FIELDS = `
  (global $last (mut i32) (i32.const 0))
  (data (i32.const ${NAME}) "${NEW_NAME}")
  (data (i32.const ${OK}) "ok")
  (data (i32.const ${SCHEMA_ID}) "root")
  (func $directory (param $index i32) (result i32)
    (call $get-directories ${RESULT_AT})
    (global.set $last (i32.sub (i32.load (i32.const ${RESULT + 4})) (i32.const 1)))
    (i32.load (i32.add (i32.load ${RESULT_AT}) (i32.mul (i32.const 12) (local.get $index)))))
  (func $temporary (result i32)
    (drop (call $directory (i32.const 0)))
    (call $directory (global.get $last)))
  (func $number (param $number i32)
    (i32.store8 (i32.const ${ANSWER}) (i32.add (i32.const 48) (i32.div_u (local.get $number) (i32.const 10))))
    (i32.store8 (i32.const ${ANSWER + 1}) (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
    ${put32(ITEM + 20, ANSWER)} ${put32(ITEM + 24, 2)})
  (func $answer (param $payload i32)
    (if (i32.load8_u ${RESULT_AT})
      (then (call $number (i32.load8_u (i32.add ${RESULT_AT} (local.get $payload)))))
      (else ${put32(ITEM + 20, OK)} ${put32(ITEM + 24, 2)})))`;

/** A list of one record: an id and a title of four bytes, no description, the fifth kind of type: directories. */
const SCHEMAS = `
  ${put32(16, SCHEMA)} ${put32(20, 1)}
  ${put32(SCHEMA, SCHEMA_ID)} ${put32(SCHEMA + 4, 4)} ${put32(SCHEMA + 8, SCHEMA_ID)} ${put32(SCHEMA + 12, 4)}
  ${put32(SCHEMA + 28, 4)}`;
