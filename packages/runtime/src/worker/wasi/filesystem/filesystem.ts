/** wasi:filesystem: the granted directories, and everything that can be done with what they lead to. */

import type { InterfaceFunctions } from '../wasi-context.js';
import { descriptorFunctions } from './descriptor-functions.js';
import { DirectoryDescriptor } from './descriptors.js';
import { pathFunctions } from './path-functions.js';

export const filesystemTypes: InterfaceFunctions = (context, memory) => ({
  ...descriptorFunctions(context, memory),
  ...pathFunctions(context, memory),
});

const PREOPEN_BYTES = 12;

export const preopens: InterfaceFunctions = ({ trees, handles }, memory) => ({
  'get-directories': (result: number) => {
    const area = memory.range(result, 8, 4);
    const list = memory.allocate(trees.length * PREOPEN_BYTES, 4);
    for (const [i, tree] of trees.entries()) {
      memory.setText(list + i * PREOPEN_BYTES + 4, tree.guestPath);
      memory.setU32(list + i * PREOPEN_BYTES, handles.add(new DirectoryDescriptor(tree)));
    }
    memory.setU32(area, list);
    memory.setU32(area + 4, trees.length);
  },
});
