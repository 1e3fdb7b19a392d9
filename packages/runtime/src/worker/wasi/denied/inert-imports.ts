/**
 * What the bindings are given for WASI: they take functions and resource classes by name out of their imports when they start, and
 * refuse to start when one is undefined. None of them is called, because every core import of WASI is replaced below the bindings.
 */
import { PluginContractError } from '../../../shared/errors.js';

/** One interface: every name in it is there, and fails when it is used after all. */
export function inertInterface(interfaceName: string): Record<string, unknown> {
  const members = new Map<string, unknown>();
  return new Proxy(Object.create(null) as Record<string, unknown>, {
    get(_, name) {
      if (typeof name !== 'string') return undefined;
      let member = members.get(name);
      if (member === undefined) {
        member = inertMember(`${interfaceName}#${name}`);
        members.set(name, member);
      }
      return member;
    },
  });
}

/** A function that can also stand for a class: the bindings look at `prototype`, and at static functions of it. */
function inertMember(name: string): unknown {
  const fail = () => {
    throw new PluginContractError(`The plugin calls ${name} in a way that this host does not support.`);
  };
  return new Proxy(function inert() {} as unknown as object, {
    apply: fail,
    construct: fail,
    get: (target, property) => Reflect.get(target, property),
  });
}
