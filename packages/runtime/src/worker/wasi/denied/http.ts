/**
 * wasi:http: there, and refusing. A plugin can make the values that a request is made of, always empty, so that it gets as far
 * as asking for it to be sent, and is then told that requests are denied. No response ever exists.
 */
import { dropFunctions, type Resource } from '../handle-table.js';
import type { CoreFunctions, InterfaceFunctions, WasiContext } from '../wasi-context.js';

/** Cases of `error-code` and `header-error` of wasi:http/types. */
const HTTP_REQUEST_DENIED = 15;
const HEADER_FORBIDDEN = 1;

class Fields implements Resource {
  dispose(): void {}
}
class OutgoingRequest implements Resource {
  dispose(): void {}
}
class OutgoingResponse implements Resource {
  dispose(): void {}
}
class RequestOptions implements Resource {
  dispose(): void {}
}
/** Never made: any handle that is used as one is not. */
abstract class Received implements Resource {
  abstract dispose(): void;
}

export const outgoingHandler: InterfaceFunctions = ({ handles }, memory) => ({
  handle: (request: number, hasOptions: number, options: number, result: number) => {
    handles.drop(request, OutgoingRequest);
    if (hasOptions !== 0) handles.drop(options, RequestOptions);
    // `error-code` has payloads with u64 in them: aligned to 8.
    const area = memory.range(result, 40, 8);
    memory.setU8(area, 1);
    memory.setU8(area + 8, HTTP_REQUEST_DENIED);
  },
});

export const httpTypes: InterfaceFunctions = (context, memory) => {
  const { handles } = context;
  /** An option, or a list, without anything in it; the first case of a variant. */
  const zero =
    (bytes: number, alignment: number) =>
    (_self: number, ...rest: number[]) =>
      memory.bytes(memory.range(rest.at(-1) ?? 0, bytes, alignment), bytes).fill(0);
  const headerError = (...args: number[]) => {
    const area = memory.range(args.at(-1) ?? 0, 2, 1);
    memory.setU8(area, 1);
    memory.setU8(area + 1, HEADER_FORBIDDEN);
  };
  /** `result` without payloads is one number: 1 is its error. */
  const refuse = () => 1;
  const bodyRefused = (_self: number, result: number) => memory.setU8(memory.range(result, 8, 4), 1);
  const newFields = () => handles.add(new Fields());
  const emptyList = zero(8, 4);
  const text = zero(12, 4);

  return {
    'http-error-code': zero(40, 8),
    '[constructor]fields': newFields,
    '[static]fields.from-list': (_pointer: number, _length: number, result: number) => {
      const area = memory.range(result, 8, 4);
      memory.setU8(area, 1);
      memory.setU8(area + 4, HEADER_FORBIDDEN);
    },
    '[method]fields.get': emptyList,
    '[method]fields.has': () => 0,
    '[method]fields.set': headerError,
    '[method]fields.delete': headerError,
    '[method]fields.append': headerError,
    '[method]fields.entries': emptyList,
    '[method]fields.clone': newFields,
    '[constructor]outgoing-request': (headers: number) => {
      handles.drop(headers, Fields);
      return handles.add(new OutgoingRequest());
    },
    '[method]outgoing-request.body': bodyRefused,
    '[method]outgoing-request.method': text,
    '[method]outgoing-request.set-method': refuse,
    '[method]outgoing-request.path-with-query': text,
    '[method]outgoing-request.set-path-with-query': refuse,
    '[method]outgoing-request.scheme': zero(16, 4),
    '[method]outgoing-request.set-scheme': refuse,
    '[method]outgoing-request.authority': text,
    '[method]outgoing-request.set-authority': refuse,
    '[method]outgoing-request.headers': newFields,
    '[constructor]request-options': () => handles.add(new RequestOptions()),
    ...timeouts(zero(16, 8), refuse),
    '[constructor]outgoing-response': (headers: number) => {
      handles.drop(headers, Fields);
      return handles.add(new OutgoingResponse());
    },
    '[method]outgoing-response.status-code': () => 200,
    '[method]outgoing-response.set-status-code': refuse,
    '[method]outgoing-response.headers': newFields,
    '[method]outgoing-response.body': bodyRefused,
    ...received(context),
    ...dropFunctions(handles, {
      fields: Fields,
      'outgoing-request': OutgoingRequest,
      'outgoing-response': OutgoingResponse,
      'request-options': RequestOptions,
    }),
  };
};

function timeouts(none: (...args: number[]) => unknown, refuse: () => number): CoreFunctions {
  return Object.fromEntries(
    ['connect', 'first-byte', 'between-bytes'].flatMap((kind) => [
      [`[method]request-options.${kind}-timeout`, none],
      [`[method]request-options.set-${kind}-timeout`, refuse],
    ]),
  );
}

const RECEIVED: Readonly<Record<string, readonly string[]>> = {
  'incoming-request': ['method', 'path-with-query', 'scheme', 'authority', 'headers', 'consume'],
  'incoming-response': ['status', 'headers', 'consume'],
  'incoming-body': ['stream'],
  'outgoing-body': ['write'],
  'future-trailers': ['subscribe', 'get'],
  'future-incoming-response': ['subscribe', 'get'],
  'response-outparam': ['send-informational'],
};
const RECEIVED_STATIC = ['incoming-body.finish', 'outgoing-body.finish', 'response-outparam.set'];

function received({ handles }: WasiContext): CoreFunctions {
  const refuse = (self: number) => handles.get(self, Received);
  return {
    ...Object.fromEntries(
      Object.entries(RECEIVED).flatMap(([resource, methods]) =>
        methods.map((method) => [`[method]${resource}.${method}`, refuse]),
      ),
    ),
    ...Object.fromEntries(RECEIVED_STATIC.map((name) => [`[static]${name}`, refuse])),
    ...dropFunctions(handles, Object.fromEntries(Object.keys(RECEIVED).map((name) => [name, Received]))),
  };
}
