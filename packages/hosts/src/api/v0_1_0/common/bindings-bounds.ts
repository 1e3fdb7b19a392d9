/**
 * How much each call of 0.1.0 may return through jco's bindings, and errors that name the text that was too large. The calls
 * that go past the bindings (direct-parse.ts, direct-read.ts) make no strings of what a plugin returns, but of cut messages.
 */
import {
  type LiftLimits,
  MAX_TEXT_BYTES,
  OversizedText,
  PluginContractError,
} from '@chipmunk-host/runtime/internal/worker';

/** Schemas, columns and the options of dropdowns are few: at most 100 of the first two are allowed (plugin-claims.ts). */
const FEW_ELEMENTS = 100_000;
/** Items and columns of one call of `parse`. */
const MANY_ELEMENTS = 1_000_000;
/** Text of one call of `parse`: a window has 10 MiB, and strings lie in the worker's heap of 256 MiB. */
const PARSED_TEXT_BYTES = 64 * 1024 * 1024;

/** For a call that tells something of the plugin, or starts it. */
export function describingLimits(call: string): LiftLimits {
  return { call, textBytes: MAX_TEXT_BYTES, elements: FEW_ELEMENTS, listBytes: MAX_TEXT_BYTES };
}

/** @param outputBytes most bytes that one call may become; Infinity: no limit */
export function parseLimits(outputBytes: number): LiftLimits {
  return { call: 'parse', textBytes: PARSED_TEXT_BYTES, elements: MANY_ELEMENTS, listBytes: outputBytes };
}

/** @param bytes what the times of the items of a call take */
export function timesLimits(bytes: number): LiftLimits {
  return { call: 'get-item-times', textBytes: 0, elements: 0, listBytes: bytes };
}

/** @param asked how many bytes `read` was asked for */
export function readLimits(asked: number): LiftLimits {
  return { call: 'read', textBytes: MAX_TEXT_BYTES, elements: FEW_ELEMENTS, listBytes: asked };
}

/**
 * What a call returned, when no text in it is too large.
 * @param what it is, when it is only part of what the call returned
 * @throws PluginContractError that names the text that is too large
 */
export function requireTexts<Result>(call: string, result: Result, what = ''): Result {
  const found = findOversized(result, what);
  if (found === undefined) return result;
  throw oversized(call, found.path, found.text);
}

/** One text that a call returned. @throws PluginContractError when it is too large */
export function requireText(call: string, what: string, text: string): string {
  const value: unknown = text;
  if (value instanceof OversizedText) throw oversized(call, what, value);
  return text;
}

/** Whether the bindings made this of a text, too large or not. */
export function isText(value: unknown): boolean {
  return typeof value === 'string' || value instanceof OversizedText;
}

function oversized(call: string, what: string, { byteLength }: OversizedText): PluginContractError {
  return new PluginContractError(
    `${call} returned too much text: ${what} has ${byteLength} bytes; a text may have ${MAX_TEXT_BYTES}, and all of them together ${call === 'parse' ? PARSED_TEXT_BYTES : MAX_TEXT_BYTES}.`,
    { help: "Report it to the plugin's author: the plugin has to return less." },
  );
}

interface Found {
  readonly path: string;
  readonly text: OversizedText;
}

function findOversized(value: unknown, path: string): Found | undefined {
  if (value instanceof OversizedText) return { path, text: value };
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  const { tag } = value as { readonly tag?: unknown };
  for (const [key, part] of Object.entries(value)) {
    const field = key === 'val' && typeof tag === 'string' ? tag : kebab(key);
    const found = findOversized(part, Array.isArray(value) ? `${path}[${key}]` : joined(path, field));
    if (found !== undefined) return found;
  }
  return undefined;
}

function joined(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

/** Fields as the WIT calls them. */
function kebab(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
