/** What the plugin `selftest` finds of the world around it. All paths are below a directory that the runner makes. */
import { join } from 'node:path';
import type { InteropCase } from '../cases.js';

const FILES = {
  'granted/file.txt': 'content',
  'granted/beside.txt': 'beside',
  'trees/tree/inner/deep.txt': 'deep',
  'trees/tree/ümlaut und Lücke': 'found',
  'outside/secret': 'secret',
};

/** `D` stands for the directory of the case. */
const READING = `environment
arguments
time-zone
stdin
thread
connect|127.0.0.1:1
connect|[::1]:1
listen|127.0.0.1:0
resolve|localhost
list|D/granted
list|D/trees
list|D/trees/tree
list|D/trees/tree/inner
list|D/granted/file.txt
list|D/granted/missing
list|D
list|/
list|.
list|
stat|D/granted/file.txt
stat|D/granted/missing
stat|D/granted/file.txt/below
stat|D/outside/secret
read|D/granted/file.txt
read|D/granted/./file.txt
read|D/granted//file.txt
read|D/granted/../granted/file.txt
read|D/granted/beside.txt
read|D/granted
read|D/granted/missing
read|D/granted/file.txt/
read|D/trees/tree/inner/deep.txt
read|D/trees/tree/inner/../inner/deep.txt
read|D/trees/tree/ümlaut und Lücke
read|D/outside/secret
read|D/granted/../outside/secret
read|D/trees/../outside/secret
read|/etc/passwd
read|granted/file.txt
write|D/granted/file.txt|x
write|D/granted/new|x
write|D/trees/tree/new|x
append|D/granted/file.txt|x
create-directory|D/granted/new
remove|D/granted/file.txt
remove|D/granted/missing
remove-directory|D/trees/tree/inner
rename|D/granted/file.txt|D/granted/moved
link|D/granted/file.txt|D/granted/linked
symlink|file.txt|D/granted/symbolic
hold|D/granted/file.txt|20
read|D/granted/file.txt`;

const WRITING = `list|$TEMP
write|$TEMP/a|abc
append|$TEMP/a|def
append|$TEMP/new|fresh
read|$TEMP/a
stat|$TEMP/a
write|$TEMP/a|x
read|$TEMP/a
read|$TEMP/missing
create-directory|$TEMP/d
create-directory|$TEMP/d
create-directory|$TEMP/missing/d
write|$TEMP/d/b|inner
write|$TEMP/d|x
write|$TEMP/a/b|x
list|$TEMP
list|$TEMP/d
remove-directory|$TEMP/d
remove-directory|$TEMP/a
remove-directory|$TEMP/missing
remove|$TEMP/d
rename|$TEMP/a|$TEMP/c
rename|$TEMP/missing|$TEMP/c
rename|$TEMP/d|$TEMP/e
rename|$TEMP/c|$TEMP/e
rename|$TEMP/e|$TEMP/c
link|$TEMP/c|$TEMP/hard
link|$TEMP/c|$TEMP/hard
link|$TEMP/missing|$TEMP/harder
write|$TEMP/hard|both
read|$TEMP/c
symlink|c|$TEMP/soft
read|$TEMP/soft
stat|$TEMP/soft
symlink|/etc/passwd|$TEMP/absolute
read|$TEMP/absolute
symlink|loop|$TEMP/loop
read|$TEMP/loop
read|$TEMP/../x
list|$TEMP/..
write|$TEMP/../x|x
remove|$TEMP/soft
remove|$TEMP/c
read|$TEMP/hard
hold|$TEMP/hard|20
list|$TEMP
remove|$TEMP/e/b
remove-directory|$TEMP/e
remove-directory|$TEMP
list|$TEMP`;

const LINKING_OUT = `symlink|../../../../etc/passwd|$TEMP/up
read|$TEMP/up
list|$TEMP`;

/** One act each, since none comes behind it. */
const ENDS = ['panic|what a pity', 'exit|3', 'exit|0', 'abort', 'stack-overflow'];

export function worldCases(directory: string): InteropCase[] {
  const acts = (name: string, text: string) =>
    Buffer.from(`${text}\n`.replaceAll(/(?<=\|)D(?=[/\n|])/g, join(directory, name)));
  const parser = (name: string, text: string): InteropCase => ({
    name,
    plugin: 'selftest',
    input: acts(name, text),
    files: FILES,
    config: (at) => ({ files: [at('granted/file.txt')], directories: [at('trees/tree')] }),
  });
  return [
    parser('world-reading', READING),
    parser('world-writing', WRITING),
    parser('world-link-out', LINKING_OUT),
    {
      name: 'world-nothing-granted',
      plugin: 'selftest',
      input: acts('world-nothing-granted', READING),
      config: () => ({}),
    },
    {
      name: 'world-of-a-source',
      plugin: 'selftest-source',
      input: undefined,
      files: FILES,
      config: (at) => ({
        files: [at('granted/file.txt')],
        acts: acts('world-of-a-source', 'environment\nread|D/granted/file.txt\nwrite|$TEMP/a|x\nlist|$TEMP').toString(),
      }),
    },
    ...ENDS.map((act) => parser(`world-${act.replace('|', '-').replaceAll(' ', '-')}`, `stdout|before\n${act}\nstdin`)),
    {
      name: 'world-refused-at-start',
      plugin: 'lines',
      input: Buffer.from('one\n'),
      files: { 'here/one': '' },
      config: (at) => ({ hidden: [at('here/missing')] }),
    },
    {
      name: 'world-panic-at-start',
      plugin: 'selftest',
      input: Buffer.from('stdin\n'),
      config: () => ({ 'at-start': 'panic|not today' }),
    },
  ];
}
