/** Runs the command line for one case, and masks what it wrote. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describedBatches } from './batches.mjs';
import { hashOf, maskedOrder, maskedPaths, maskedWords } from './masking.mjs';

/** A run that takes longer hangs. */
const LIMIT_MS = 180_000;

export class CaseRunner {
  #root;
  #stage;
  #program;
  #replaced;
  #env;

  constructor(root, stage) {
    this.#root = root;
    this.#stage = stage;
    this.#program = join(root, 'packages', 'cli', 'bin', 'chipmunk-host.js');
    this.#replaced = [[stage.folder, '<stage>'], ...shippedPlugins(root), [root, '<project>']];
    const home = join(stage.folder, 'home');
    this.#env = { PATH: process.env.PATH, HOME: home, USERPROFILE: home, TMPDIR: join(stage.folder, 'tmp'), TZ: 'UTC' };
  }

  async run(one) {
    const args = typeof one.args === 'function' ? one.args(this.#stage) : one.args;
    const { code, stdout, stderr } = await this.#outcome(args, one);
    const out = this.#masked(args, stdout, one);
    const words = maskedWords(stderr.toString(), this.#replaced);
    const err = Buffer.from(args.includes('--verbose') ? maskedOrder(words) : words);
    return { name: one.name, out, err, line: `${code} ${hashOf(out)} ${hashOf(err)} ${one.name}` };
  }

  async #outcome(args, { input, env }) {
    const { folder } = this.#stage;
    const stdin = openSync(input === undefined ? '/dev/null' : join(folder, input), 'r');
    try {
      const child = spawn(process.execPath, [this.#program, ...args], {
        cwd: folder,
        env: { ...this.#env, ...env },
        stdio: [stdin, 'pipe', 'pipe'],
        timeout: LIMIT_MS,
        killSignal: 'SIGKILL',
      });
      const [[code, signal], stdout, stderr] = await Promise.all([
        new Promise((resolve, reject) => {
          child.once('error', reject);
          child.once('close', (...ended) => resolve(ended));
        }),
        allOf(child.stdout),
        allOf(child.stderr),
      ]);
      return { code: code ?? signal, stdout, stderr };
    } finally {
      closeSync(stdin);
    }
  }

  /** Standard output, and behind it the files that the run wrote. */
  #masked(args, stdout, { outputs = [] }) {
    const masked = () => {
      if (args[0] !== 'ingest') return Buffer.from(maskedWords(stdout.toString(), this.#replaced));
      if (args.includes('msgpack'))
        return Buffer.from(maskedPaths(describedBatches(stdout, this.#root), this.#replaced));
      // Items may be in any encoding: as Latin-1, each byte is a character.
      return Buffer.from(maskedPaths(stdout.toString('latin1'), this.#replaced), 'latin1');
    };
    const written = outputs.flatMap((file) => {
      const path = join(this.#stage.folder, file);
      return [Buffer.from(`--- ${file}\n`), existsSync(path) ? readFileSync(path) : Buffer.from('is not there\n')];
    });
    return Buffer.concat([masked(), ...written]);
  }
}

async function allOf(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Folders and hashes of the plugins that are built with the host: they change with the tools that build them. */
function shippedPlugins(root) {
  const dist = join(root, 'packages', 'manager', 'dist');
  const binaries = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.wasm'));
  if (binaries.length === 0) throw new Error(`there are no shipped plugins below ${dist}; run 'npm run build'`);
  return binaries.flatMap((path) => {
    const binary = join(dist, path);
    const hash = createHash('sha256').update(readFileSync(binary)).digest('hex');
    return [
      [hash, '<hash of a shipped plugin>'],
      [dirname(dirname(binary)), '<shipped>'],
    ];
  });
}
