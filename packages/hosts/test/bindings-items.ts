/** Items as jco's bindings would have made them of a plugin's memory. */
import type { BindingsMessage, BindingsParseReturn } from '#api/v0_1_0/common/bindings.js';
import type { ItemModel } from './plugin-heap.js';

export function bindingsItem(model: ItemModel): BindingsParseReturn {
  const consumed = BigInt(model.consumed);
  const message: BindingsMessage | undefined =
    model.columns === undefined
      ? undefined
      : typeof model.columns === 'string'
        ? { tag: 'line', val: model.columns }
        : { tag: 'columns', val: model.columns };
  const { attachment } = model;
  if (attachment === undefined)
    return message === undefined ? { consumed } : { value: { tag: 'message', val: message }, consumed };
  const val = {
    name: attachment.name,
    size: attachment.size,
    ...(attachment.created === undefined ? {} : { createdDate: attachment.created }),
    ...(attachment.modified === undefined ? {} : { modifiedDate: attachment.modified }),
    messages: BigUint64Array.from(attachment.messages),
    data: attachment.data,
  };
  if (message === undefined) return { value: { tag: 'attachment', val }, consumed };
  return { value: { tag: 'message-and-attachment', val: [message, val] }, consumed };
}
