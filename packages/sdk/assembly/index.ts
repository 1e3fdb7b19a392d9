/** Write a plugin: extend `Parser` or `ByteSource`, and export a function `create` that returns one. */
export { Attachment } from './attachment';
export { ByteBuffer } from './byte-buffer';
export { f32At, f64At, READABLE_BEYOND, u16At, u32At, u64At } from './byte-order';
export { ByteSource } from './byte-source';
export { daysIn, daysSince1970, twoDigits, zoneSeconds } from './calendar';
export { Config } from './config';
export {
  MOST_DIGITS,
  writeHexByte,
  writeI32,
  writeI64,
  writeI128,
  writePadded,
  writeU32,
  writeU64,
  writeU128,
} from './decimal';
export { findPattern } from './find-pattern';
export { MOST_FLOAT_BYTES, writeF32, writeF64 } from './float-text';
export { InitError } from './init-error';
export { Input } from './input';
export { NO_TIME } from './item-times';
export { Items } from './items';
export { LineFeeds } from './line-feeds';
export { Level, log } from './log';
export { Output } from './output';
export { Parser } from './parser';
export { Pattern, PatternResult } from './pattern/pattern';
export { Version } from './plugin';
export { Column, RenderOptions } from './render-options';
export { PathResult, tempDirectory } from './sandbox';
export { Schema } from './schema';
export { TextWriter } from './text-writer';
export { MOST_TIME_BYTES, writeDateTime, writeNanoseconds } from './utc-time';
export { MOST_TEXT_GROWTH, utf8Sequence, validUtf8End, writeCodePoint, writeLatin1, writeMendedUtf8 } from './utf-8';
export { isUtf8 } from './utf-8-check';
export { DirectoryEntry, DirectoryResult, readDirectory } from './wasi/directory';
export { File, FileResult } from './wasi/file';
