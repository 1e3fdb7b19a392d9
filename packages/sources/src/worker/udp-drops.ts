/**
 * How many datagrams the system has dropped at a socket, because its buffer was full: counted by Linux alone, in tables of all sockets. Which
 * row is the socket's follows from its inode: the one of this process that is new, and has its port.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const SOCKET = /^socket:\[(\d+)\]$/;
const FOLDER = '/proc/self/fd';

export class KernelDrops {
  readonly #table: string;
  readonly #inode: string;
  #known = 0;

  private constructor(table: string, inode: string) {
    this.#table = table;
    this.#inode = inode;
  }

  /**
   * Called before a socket is made. What it returns finds its row when it is bound: undefined where that cannot be known.
   */
  static beforeSocket(isV6: boolean): (port: number) => KernelDrops | undefined {
    const table = isV6 ? '/proc/net/udp6' : '/proc/net/udp';
    const before = new Set(ownSockets());
    return (port) => {
      const own = new Set(ownSockets().filter((inode) => !before.has(inode)));
      const [row, other] = rowsOf(textOf(table)).filter((one) => one.port === port && own.has(one.inode));
      return row === undefined || other !== undefined ? undefined : new KernelDrops(table, row.inode);
    };
  }

  /** Since it was last asked. */
  more(): number {
    const { drops = this.#known } = rowsOf(textOf(this.#table)).find(({ inode }) => inode === this.#inode) ?? {};
    // A counter of 32 bits.
    const more = (drops - this.#known) >>> 0;
    this.#known = drops;
    return more;
  }
}

interface Row {
  readonly port: number;
  readonly inode: string;
  readonly drops: number;
}

/** Of a table as Linux writes it; none of one in another form. */
export function rowsOf(table: string): readonly Row[] {
  const [heads = '', ...rows] = table.split('\n');
  if (!/\binode\b.*\bdrops\b/.test(heads)) return [];
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(({ length }) => length >= 13)
    .map((fields) => {
      // sl, local, remote, st, queues, tr:when, retrnsmt, uid, timeout, inode, ref, pointer, drops
      const [, local = '', , , , , , , , inode = '', , , drops] = fields;
      return { port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16), inode, drops: Number(drops) };
    });
}

function textOf(table: string): string {
  try {
    return readFileSync(table, 'latin1');
  } catch {
    return '';
  }
}

/** Inodes of the sockets that this process has open. */
function ownSockets(): readonly string[] {
  if (process.platform !== 'linux') return [];
  try {
    return readdirSync(FOLDER).flatMap((name) => SOCKET.exec(linkOf(`${FOLDER}/${name}`))?.[1] ?? []);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // That of the listing itself, or one that was closed meanwhile.
    return '';
  }
}
