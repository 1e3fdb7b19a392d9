/** A copy of the project in a temporary folder, in which mutants are made, built and tested. The project itself is not touched. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export class Workshop {
  folder;
  #root;
  #members;
  #child;
  #isClosed = false;

  /** @param {string} root the project, installed and built */
  constructor(root) {
    this.#root = root;
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'mutants-')));
    // Some tests run programs as another user, who has to find them.
    chmodSync(this.folder, 0o755);
    const files = committedAndNew(root);
    for (const file of files) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      cpSync(join(root, file), join(this.folder, file), { verbatimSymlinks: true });
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    this.#members = files.filter((file) => /^\w.*\/package\.json$/.test(file)).map(dirname);
    for (const member of this.#members) {
      this.#copyModules(member);
      if (existsSync(join(root, member, 'dist')))
        cpSync(join(root, member, 'dist'), join(this.folder, '.built', member), { recursive: true });
      this.#restoreBuild(member);
    }
  }

  /** Links into the store and to the other packages of the copy. What tools keep in there is left out. */
  #copyModules(member) {
    const from = join(this.#root, member, 'node_modules');
    if (!existsSync(from)) return;
    for (const name of readdirSync(from).filter((entry) => !entry.startsWith('.'))) {
      const names = lstatSync(join(from, name)).isDirectory()
        ? readdirSync(join(from, name)).map((one) => join(name, one))
        : [name];
      for (const one of names) {
        mkdirSync(dirname(join(this.folder, member, 'node_modules', one)), { recursive: true });
        cpSync(join(from, one), join(this.folder, member, 'node_modules', one), { verbatimSymlinks: true });
      }
    }
  }

  #restoreBuild(member) {
    const built = join(this.folder, '.built', member);
    if (existsSync(built)) cpSync(built, join(this.folder, member, 'dist'), { recursive: true, force: true });
  }

  read(file) {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  /**
   * Changes a file of the copy, builds what is made of it, calls back, and puts everything back.
   * @param project the folder of its TypeScript project; undefined for the AssemblyScript of the lifter
   */
  async withChange(file, project, text, use) {
    const before = this.read(file);
    const member = this.#members.filter((one) => file.startsWith(`${one}/`)).sort((a, b) => b.length - a.length)[0];
    writeFileSync(join(this.folder, file), text);
    try {
      await this.#build(file, member, project);
      if (!this.#isChanged(member)) return await use({ built: false });
      return await use({ built: true });
    } finally {
      writeFileSync(join(this.folder, file), before);
      this.#restoreBuild(member);
    }
  }

  /** Types are not checked: what a guard lets through is often of another type. */
  async #build(file, member, project) {
    const tsc = join(this.#root, 'node_modules', 'typescript', 'bin', 'tsc');
    const args =
      project === undefined
        ? [join(this.folder, member, 'scripts', 'build-wasm.mjs')]
        : [tsc, '-p', join(this.folder, project), '--noCheck'];
    const { code, output } = await this.#run(args, join(this.folder, member), 120_000);
    if (code !== 0) throw new Error(`${file} cannot be built: ${output}`);
  }

  #isChanged(member) {
    const built = join(this.folder, '.built', member);
    return readdirSync(built, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(?:js|wasm)$/.test(path))
      .some((path) => !readFileSync(join(built, path)).equals(readFileSync(join(this.folder, member, 'dist', path))));
  }

  /**
   * Runs test files of one package up to the first test that fails.
   * @param {{ member: string, files: readonly string[], named?: string }} tests
   * @returns {Promise<{ failed: string | undefined, ms: number }>} `failed`: which test, or how the run ended without one
   */
  async test({ member, files, named }, limitMs) {
    const cwd = join(this.folder, member);
    const report = join(this.folder, 'report.json');
    rmSync(report, { force: true });
    const filter = named === undefined ? [] : ['--testNamePattern', named];
    const vitest = join(cwd, 'node_modules', 'vitest', 'vitest.mjs');
    const startedAt = performance.now();
    const { code, output } = await this.#run(
      [vitest, 'run', '--bail=1', '--reporter=json', `--outputFile=${report}`, ...filter, ...files],
      cwd,
      limitMs,
    );
    const ms = performance.now() - startedAt;
    if (code === undefined) return { failed: `no end within ${Math.round(limitMs / 1000)} s`, ms };
    if (!existsSync(report)) return { failed: `no report, exit code ${code}: ${output.slice(-2000)}`, ms };
    return { failed: failureIn(JSON.parse(readFileSync(report, 'utf8')), code), ms };
  }

  /** A program of Node's in a process group of its own, so that it can be ended with all that it starts. */
  #run(args, cwd, limitMs) {
    return new Promise((resolve, reject) => {
      const env = { ...process.env, NO_COLOR: '1' };
      const child = spawn(process.execPath, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      this.#child = child;
      let output = '';
      let late = false;
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          output = (output + chunk).slice(-100_000);
        });
      const timer = setTimeout(() => {
        late = true;
        this.#endChild();
      }, limitMs);
      child.once('error', reject);
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        this.#child = undefined;
        // Nothing goes on in a workshop that is closed.
        if (!this.#isClosed) resolve({ code: late ? undefined : (code ?? signal), output });
      });
    });
  }

  #endChild() {
    if (this.#child?.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }

  /** Ends what runs, with all that it has started, and then removes the folder. */
  async close() {
    this.#isClosed = true;
    if (this.#child !== undefined) {
      const ended = once(this.#child, 'close');
      this.#endChild();
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

function committedAndNew(root) {
  const { stdout, status, stderr } = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw new Error(`git cannot list the files of ${root}: ${stderr}`);
  return stdout.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
}

function failureIn({ success, testResults, numTotalTests }, code) {
  for (const { assertionResults, message, status, name } of testResults) {
    const test = assertionResults.find((one) => one.status === 'failed');
    if (test !== undefined) return test.fullName;
    if (status === 'failed') return `${name}: ${message.split('\n')[0]}`;
  }
  if (numTotalTests === 0) return 'no tests were found';
  return success && code === 0 ? undefined : `an error outside of tests, exit code ${code}`;
}
