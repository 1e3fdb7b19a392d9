/** Write a plugin: extend `Parser` or `ByteSource`, and export a function `create` that returns one. */
export { Attachment } from './attachment';
export { ByteSource } from './byte-source';
export { Config } from './config';
export { InitError } from './init-error';
export { Input } from './input';
export { Items } from './items';
export { Level, log } from './log';
export { Output } from './output';
export { Parser } from './parser';
export { Version } from './plugin';
export { Column, RenderOptions } from './render-options';
export { PathResult, tempDirectory } from './sandbox';
export { Schema } from './schema';
export { DirectoryEntry, DirectoryResult, readDirectory } from './wasi/directory';
export { File, FileResult } from './wasi/file';
