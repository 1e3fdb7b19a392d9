import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { DirectoryFiles } from '#store/directory-files.js';
import { openInstallSource, type SourceFile } from '#store/install-source.js';
import { PluginStore } from '#store/plugin-store.js';
import { type TestEntry, tar, tarHeader, tgz, zip, zip64 } from './archive-support.js';
import { filesOf, loading, pluginFolder, tree, versionIn } from './store-support.js';
import { setStage } from './support.js';

const stage = setStage();
let counter = 0;
let files: TestEntry[] = [];

beforeAll(async () => {
  files = Object.entries(await filesOf('x', 'one')).map(([name, content]) => ({ name, content }));
});

const inFolder = (folder: string) => files.map(({ name, ...rest }) => ({ name: `${folder}/${name}`, ...rest }));

const FORMATS = [
  ['zip', async (entries: readonly TestEntry[]) => zip(entries)],
  ['tgz', tgz],
  ['tar.gz', tgz],
  ['ZIP', async (entries: readonly TestEntry[]) => zip(entries)],
] as const;
const BOTH = FORMATS.slice(0, 2);

/** Installs from an archive with these bytes. */
async function add(bytes: Uint8Array, extension: string) {
  const root = join(stage.directory, `plugins-${counter++}`);
  const archive = await stage.file(`archive-${counter}.${extension}`, bytes);
  const added = await new PluginStore(new DirectoryFiles(root), loading).add(archive);
  return { root, added };
}

/** What an archive is refused with, before anything was written. */
async function refusal(bytes: Uint8Array, extension: string, limits = {}): Promise<string> {
  const root = join(stage.directory, `plugins-${counter++}`);
  const archive = await stage.file(`archive-${counter}.${extension}`, bytes);
  const error = await new PluginStore(new DirectoryFiles(root), loading, limits).add(archive).then(
    () => expect.fail('it was added'),
    (error: unknown) => error as { code: string; message: string; help: string },
  );
  expect(error).toMatchObject({ code: 'ERR_STORE_SOURCE', help: expect.any(String) });
  expect(await tree(join(root, 'parsers'))).toEqual([]);
  expect(await tree(join(root, '.chipmunk-host', 'staging'))).toEqual([]);
  return error.message.replaceAll(archive, 'ARCHIVE');
}

async function contentOf(file: SourceFile): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe.each(FORMATS)('a .%s archive', (extension, pack) => {
  test("of a plugin folder as Chipmunk's documentation has it is installed", async () => {
    const { root, added } = await add(await pack([{ name: 'x/', type: 'directory' }, ...inFolder('x')]), extension);
    expect(added).toMatchObject({ kind: 'parser', name: 'x' });
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  });
});

describe.each(BOTH)('a .%s archive', (extension, pack) => {
  test('may hold the files without a folder, and others beside them', async () => {
    const entries = [...files, { name: 'LICENSE', content: 'free' }, { name: 'src/main.rs', content: 'fn main() {}' }];
    const { root } = await add(await pack(entries), extension);
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  });

  test("may have './' before its names, and what macOS puts beside files", async () => {
    const entries = [
      { name: './', type: 'directory' as const },
      ...inFolder('./x'),
      { name: '__MACOSX/._x.wasm', content: 'attributes' },
      { name: '__MACOSX/x/._x.wasm', content: 'attributes' },
    ];
    const { root } = await add(await pack(entries), extension);
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  });

  test.each([
    '../x/x.wasm',
    'x/../../x.wasm',
    '/x/x.wasm',
    '/etc/cron.d/x',
    'C:/x.wasm',
    'c:x.wasm',
    'x/..',
    'x\\..\\..\\x.wasm',
  ])('with an entry %j that leads out of it is refused', async (name) => {
    const message = await refusal(await pack([...inFolder('x'), { name, content: 'x' }]), extension);
    expect(message).toMatch(/a path outside of the archive|invalid|absolute path|relative path/);
  });

  test('with symbolic links is refused, wherever they point', async () => {
    const link = { name: 'x/notes', type: 'symlink' as const, linkname: '/etc/passwd' };
    const message = await refusal(await pack([...inFolder('x'), link]), extension);
    expect(message).toBe('\'ARCHIVE\' contains "x/notes", a symbolic link; expected files and folders.');
  });

  test('with pipes is refused', async () => {
    const message = await refusal(await pack([...inFolder('x'), { name: 'x/pipe', type: 'fifo' }]), extension);
    expect(message).toBe('\'ARCHIVE\' contains "x/pipe", a pipe; expected files and folders.');
  });

  test.each([
    ['..', /a path outside of the archive|invalid relative path/],
    ['.hidden', /'\.hidden' is not a valid plugin name: it begins with a dot/],
    ['con', /'con' is not a valid plugin name: it is reserved/],
    ['two\nlines', /'two\\u\{a\}lines' is not a valid plugin name/],
    ['y'.repeat(201), /it is longer than 200 bytes/],
  ])('whose plugin is called %j is refused', async (name, expected) => {
    const content = files[0]?.content ?? '';
    expect(await refusal(await pack([{ name: `${name}/${name}.wasm`, content }]), extension)).toMatch(expected);
  });

  test('without a plugin is refused, and with what it holds instead', async () => {
    expect(await refusal(await pack([{ name: 'x/README.md', content: '' }]), extension)).toBe(
      "'ARCHIVE' contains no plugin: expected <name>.wasm or <name>/<name>.wasm; there is no .wasm.",
    );
    const two = [...inFolder('y'), ...files.map(({ name, ...rest }) => ({ name: `y/z-${name}`, ...rest }))];
    expect(await refusal(await pack(two), extension)).toContain("found 'y/x.wasm', 'y/z-x.wasm'.");
    expect(await refusal(await pack(inFolder('deep/x')), extension)).toContain('there is no .wasm.');
    expect(await refusal(await pack([]), extension)).toContain('there is no .wasm.');
  });

  test('with more than one plugin is refused', async () => {
    const other = files.map(({ name, ...rest }) => ({ name: name.replace(/^x/, 'y'), ...rest }));
    expect(await refusal(await pack([...files, ...other]), extension)).toBe(
      "'ARCHIVE' contains more than one plugin: 'x.wasm', 'y.wasm'.",
    );
  });

  test('that holds a file twice is refused', async () => {
    const twice = await pack([...files, { name: 'x.toml', content: 'title = "other"' }]);
    expect(await refusal(twice, extension)).toBe("'ARCHIVE' holds 'x.toml' 2 times.");
  });

  test('of more entries than the limit is refused', async () => {
    const many = Array.from({ length: 1001 }, (_, n) => ({ name: `${n}`, content: '' }));
    expect(await refusal(await pack(many), extension)).toBe("'ARCHIVE' contains more than 1000 files and folders.");
    expect(await refusal(await pack(files), extension, { maxEntries: 2 })).toContain('more than 2 files');
  });

  test('that expands beyond measure is refused, also by what is not taken', async () => {
    const zeros = { name: 'zeros', content: new Uint8Array(64 * 1024 * 1024) };
    const bomb = await pack([...files, zeros]);
    expect(bomb.length).toBeLessThan(200_000);
    expect(await refusal(bomb, extension)).toBe("'ARCHIVE' expands to more than 100 times its own size.");
    expect(await refusal(bomb, extension, { maxBytes: 1_000_000, maxRatio: 1e6 })).toBe(
      "'ARCHIVE' contains more than 1000000 bytes.",
    );
  });

  test('that is cut off or damaged anywhere is refused, or is the plugin', async () => {
    const whole = await pack(inFolder('x'));
    const damage = fc.oneof(
      fc.record({ cut: fc.nat(whole.length - 1) }),
      fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) }),
    );
    const expected = await filesOf('x', 'one');
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        const bytes = Buffer.from('cut' in how ? whole.subarray(0, how.cut) : whole);
        if ('at' in how) bytes[how.at] = (bytes[how.at] ?? 0) ^ (1 << how.bit);
        const path = await stage.file(`damaged.${extension}`, bytes);
        try {
          await using source = await openInstallSource(path, {});
          for (const file of source.files) {
            const content = await contentOf(file);
            // A flipped bit in a name makes another plugin of it, one in content must be noticed.
            const original = Object.values(expected).some((one) => content.equals(one));
            expect(original, `${file.name} has changed content`).toBe(true);
          }
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_STORE_SOURCE' });
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('a .zip archive that lies about its sizes is refused', async () => {
  const bomb = { name: 'x.wasm', content: new Uint8Array(64 * 1024 * 1024) };
  expect(await refusal(zip([bomb], { claimedBytes: 1000 }), 'zip')).toMatch(
    /^'ARCHIVE' cannot be read as a ZIP archive: .*(?:size|bytes)/,
  );
});

test('an encrypted .zip archive is refused', async () => {
  expect(await refusal(zip(files, { encrypted: true }), 'zip')).toBe("'ARCHIVE' is encrypted.");
});

test('a .tgz archive with hard links or devices is refused', async () => {
  const link = { name: 'x/hard', type: 'link' as const, linkname: 'x/x.wasm' };
  expect(await refusal(await tgz([...inFolder('x'), link]), 'tgz')).toContain('"x/hard", a hard link');
  const device = { name: 'x/null', type: 'character-device' as const };
  expect(await refusal(await tgz([...inFolder('x'), device]), 'tgz')).toContain('"x/null", a device');
});

test('a .tgz archive with texts of its own that are too large, or sizes that cannot be, is refused', async () => {
  const packed = (...parts: Uint8Array[]) => gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
  const size = 20_000_000;
  const name = Buffer.alloc(size, 'A');
  name.write(`${size} path=`);
  name[size - 1] = 0x0a;
  for (const type of ['x', 'L']) {
    const message = await refusal(packed(tarHeader('long', size, type), name, Buffer.alloc(256)), 'tgz');
    expect(message).toMatch(/cannot be read as a tar archive .*(?:metadata|size)/);
  }
  const huge = Buffer.alloc(512);
  huge.write('25 size=9007199254740991\n');
  const lying = packed(tarHeader('size', 25, 'x'), huge, tarHeader('x.wasm', 0, '0'), Buffer.alloc(512));
  expect(await refusal(lying, 'tgz')).toContain('cannot be read as a tar archive');
});

test('a .tgz archive with a sparse file is refused: what it holds are not the bytes of the file', async () => {
  const header = Buffer.alloc(512);
  header.write('22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n26 GNU.sparse.name=x.wasm\n');
  const entry = [tarHeader('x', 70, 'x'), header, tarHeader('GNUSparseFile.0/x.wasm', 512, '0'), Buffer.alloc(1536)];
  expect(await refusal(gzipSync(Buffer.concat(entry)), 'tgz')).toBe(
    '\'ARCHIVE\' contains "GNUSparseFile.0/x.wasm", a sparse file; expected files and folders.',
  );
});

test('a ZIP64 archive is read, and one that says it has more entries or bytes than can be is refused', async () => {
  const { added } = await add(zip64(zip(files), {}), 'zip');
  expect(added).toMatchObject({ name: 'x' });
  expect(await refusal(zip64(zip(files), { entries: 2n ** 40n }), 'zip')).toBe(
    "'ARCHIVE' contains more than 1000 files and folders.",
  );
  expect(await refusal(zip64(zip(files), { tableOffset: 2n ** 60n }), 'zip')).toContain(
    "'ARCHIVE' cannot be read as a ZIP archive",
  );
});

test('a file that is no archive is refused, and so is one of the other format', async () => {
  expect(await refusal(Buffer.from('no archive'), 'zip')).toContain('cannot be read as a ZIP archive');
  expect(await refusal(Buffer.from('no archive'), 'tgz')).toContain('cannot be read as a tar archive');
  expect(await refusal(await tgz(files), 'zip')).toContain('cannot be read as a ZIP archive');
  expect(await refusal(zip(files), 'tgz')).toContain('cannot be read as a tar archive');
  expect(await refusal(await tar(files), 'tgz')).toContain('cannot be read as a tar archive');
  expect(await refusal(gzipSync('no tar'), 'tgz')).toContain('cannot be read as a tar archive');
  expect(await refusal(new Uint8Array(), 'tgz')).toContain('cannot be read as a tar archive');
});

test.each(BOTH)('the files of any .%s archive are read as they were packed', async (extension, pack) => {
  const entry = fc.record({ bytes: fc.nat(200_000), isDirectory: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 12 }), fc.nat(12), async (others, at) => {
      const entries: TestEntry[] = others.map(({ bytes, isDirectory }, n) =>
        isDirectory
          ? { name: `other-${n}/`, type: 'directory' }
          : { name: `other-${n}`, content: Buffer.alloc(bytes, `${n}`) },
      );
      entries.splice(Math.min(at, entries.length), 0, ...inFolder('x'));
      const path = await stage.file(`any.${extension}`, await pack(entries));
      await using source = await openInstallSource(path, { maxRatio: 1e6 });
      const read: Record<string, Uint8Array> = {};
      for (const file of source.files) read[file.name] = await contentOf(file);
      expect(read).toEqual(await filesOf('x', 'one'));
    }),
    { numRuns: 50 },
  );
});

test('an archive that tar made is installed', async ({ skip }) => {
  const folder = await pluginFolder(await stage.folder('packed'), 'x');
  const archive = join(stage.directory, 'packed.tgz');
  try {
    execFileSync('tar', ['-czf', archive, '-C', join(folder, '..'), 'x']);
  } catch (error) {
    skip(`there is no tar here: ${(error as Error).message}`);
  }
  const { root } = await add(await readFile(archive), 'tgz');
  expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
});

test('a damaged file in the archive of an update leaves the installed version', async () => {
  const { root } = await add(zip(files), 'zip');
  const newer = zip(Object.entries(await filesOf('x', 'two')).map(([name, content]) => ({ name, content })));
  const broken = Buffer.from(newer);
  broken.fill(0xff, 2000, 3000);
  const path = join(stage.directory, 'x.zip');
  const store = new PluginStore(new DirectoryFiles(root), loading);
  await writeFile(path, broken);
  await expect(store.update(path)).rejects.toMatchObject({ code: 'ERR_STORE_SOURCE' });
  expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  await writeFile(path, newer);
  await store.update(path);
  expect(await versionIn(join(root, 'parsers', 'x'))).toBe('two');
});
