/** What the column for the type of a message shows. */
import { Kind } from './message';
import { StaticTexts } from './static-text';

const LEVELS = ['INVALID', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'VERBOSE'];
const TRACES = ['INVALID', 'VARIABLE', 'FUNCTION_IN', 'FUNCTION_OUT', 'STATE', 'VFB'];
const NETWORKS = ['INVALID', 'IPC', 'CAN', 'FLEXRAY', 'MOST', 'ETHERNET', 'SOMEIP'];

/** By the byte MSIN without its lowest bit. */
export function typeTexts(): StaticTexts {
  const texts: string[] = [];
  for (let msin: u32 = 0; msin < 256; msin += 2) texts.push(typeText((msin >> 1) & 7, msin >> 4));
  return new StaticTexts(texts);
}

function typeText(kind: u32, info: i32): string {
  switch (kind) {
    case Kind.Log:
      return 'LogLevel ' + LEVELS[info < LEVELS.length ? info : 0];
    case Kind.Trace:
      return TRACES[info < TRACES.length ? info : 0] + ' ';
    case Kind.Network:
      return info < NETWORKS.length ? NETWORKS[info] : 'USER_DEFINED';
    case Kind.Control:
      return info == 1 ? 'MSG_TYPE Ctrl(request)' : info == 2 ? 'MSG_TYPE Ctrl(response)' : 'MSG_TYPE Ctrl(unknown)';
    default:
      return `Unknown message type (${kind},${info})`;
  }
}

/** What a network trace that is not verbose shows instead of its bytes, by its kind. */
export function networkTexts(): StaticTexts {
  const names = ['Invalid', 'Ipc', 'Can', 'Flexray', 'Most', 'Ethernet', 'Someip'];
  while (names.length < 16) names.push('unknown network trace');
  return new StaticTexts(names);
}
