/** Checks and reads what `parse` returned, up to the list of items. */
import { isUtf8 } from '../../../worker/output/utf8-text.js';
import { decodeMessage } from '../common/error-message.js';
import { contractBreach, notUtf8, type PluginMemory } from '../common/plugin-memory.js';
import { PARSE_ERRORS, ParseReturn, ResultArea } from './parse-return-layout.js';

export type OpenedResult =
  | { readonly kind: 'items'; readonly count: number }
  | { readonly kind: 'parse' | 'unrecoverable'; readonly message: string }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'eof' };

export interface ResultList {
  /** Where the first `parse-return` lies. */
  readonly list: number;
  readonly result: OpenedResult;
}

export function readResultArea(memory: PluginMemory, pointer: number): ResultList {
  const at = pointer >>> 0;
  memory.checked(at, 1, ResultArea.bytes, ResultArea.alignment, () => 'the result');
  const { view } = memory;
  const resultCase = view.getUint8(at + ResultArea.resultCase);
  if (resultCase === 0) {
    const list = view.getUint32(at + ResultArea.listPointer, true);
    const count = view.getUint32(at + ResultArea.listLength, true);
    memory.checked(list, count, ParseReturn.bytes, ParseReturn.alignment, () => 'the list of items');
    return { list, result: { kind: 'items', count } };
  }
  if (resultCase !== 1) throw contractBreach(`the result is neither ok nor error, but ${resultCase}`);
  return { list: 0, result: readError(memory, at) };
}

function readError(memory: PluginMemory, at: number): OpenedResult {
  const errorCase = memory.view.getUint8(at + ResultArea.errorCase);
  const kind = PARSE_ERRORS[errorCase];
  if (kind === undefined) throw contractBreach(`unknown kind of error ${errorCase}`);
  if (kind === 'incomplete' || kind === 'eof') return { kind };
  const { start, end } = memory.list(at + ResultArea.messagePointer, 1, 1, () => "the error's message");
  if (!isUtf8(memory.bytes.subarray(start, end))) throw notUtf8("the error's message");
  return { kind, message: decodeMessage(memory.bytes.subarray(start, end)) };
}
