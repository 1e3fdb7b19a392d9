/** SOME/IP messages inside network traces: the first raw argument tells the connection, the second one is the message. */
import { u32At, writeU32 } from '@chipmunk-host/sdk/assembly';
import { writeHexList } from './arguments';

const HEADER_BYTES: usize = 16;
/** Bytes of the header that its length does not count. */
const UNCOUNTED_BYTES: usize = 8;
const DISCOVERY: u32 = 0xffff8100;
/** Ids of the cookies of client and server. */
const COOKIE_CLIENT: u32 = 0xffff0000;
const COOKIE_SERVER: u32 = 0xffff8000;
/** Address, port, protocol, direction, and at least one byte of the instance. */
const PREFIX_BYTES: usize = 9;

/** Bytes of text besides the payload's. */
export const SOME_IP_ROOM: usize = 256;

export const enum SomeIp {
  /** It is a call, and can be written. */
  Call,
  /** It is cut off. */
  Incomplete,
  /** Service discovery or a cookie. */
  Other,
}

/** What the message from `at` up to `end` is. */
export function kindOfSomeIp(at: usize, end: usize): SomeIp {
  if (at + HEADER_BYTES > end) return SomeIp.Incomplete;
  const id = u32At(at, true);
  if (id == DISCOVERY || id == COOKIE_CLIENT || id == COOKIE_SERVER) return SomeIp.Other;
  const length = <usize>u32At(at + 4, true);
  if (length < HEADER_BYTES - UNCOUNTED_BYTES) return SomeIp.Other;
  return length > end - at - UNCOUNTED_BYTES ? SomeIp.Incomplete : SomeIp.Call;
}

/** Writes a call whose connection is described from `prefix` up to `prefixEnd`; returns where what it wrote ends. */
export function writeSomeIpCall(target: usize, prefix: usize, prefixEnd: usize, at: usize): usize {
  target = writeText(target, 'SOME/IP ');
  if (prefixEnd - prefix >= PREFIX_BYTES) target = writeConnection(target, prefix, prefixEnd);
  target = writeNumber(target, 'RPC SERV:', high(u32At(at, true)));
  target = writeNumber(target, ' METH:', low(u32At(at, true)));
  const length = u32At(at + 4, true);
  target = writeNumber(target, ' LENG:', length);
  target = writeNumber(target, ' CLID:', high(u32At(at + 8, true)));
  target = writeNumber(target, ' SEID:', low(u32At(at + 8, true)));
  target = writeNumber(target, ' IVER:', load<u8>(at, 13));
  target = writeNumber(target, ' MSTP:', load<u8>(at, 14));
  target = writeNumber(target, ' RETC:', load<u8>(at, 15));
  store<u8>(target, 32);
  return writeHexList(target + 1, at + HEADER_BYTES, at + UNCOUNTED_BYTES + length);
}

/** Writes what Chipmunk shows of a message that is cut off. */
export function writeIncompleteSomeIp(target: usize, at: usize, end: usize): usize {
  return writeHexList(writeText(target, "SOME/IP 'Incomplete, not enough data for a message' "), at, end);
}

function writeConnection(target: usize, at: usize, end: usize): usize {
  const instanceBytes = end - at - (PREFIX_BYTES - 1);
  if (instanceBytes != 1 && instanceBytes != 2 && instanceBytes != 4) return target;
  for (let i: usize = 0; i < 4; i++) {
    target = writeU32(target, load<u8>(at + i));
    store<u8>(target++, i < 3 ? 46 : 58);
  }
  target = writeU32(target, bswap<u16>(load<u16>(at, 4)));
  const direction = load<u8>(at, 7);
  target = writeText(target, direction == 0 ? ' << ' : direction == 1 ? ' >> ' : ' ');
  let instance: u32 = 0;
  for (let i: usize = 0; i < instanceBytes; i++) instance = (instance << 8) | load<u8>(at + 8 + i);
  target = writeNumber(target, 'INST:', instance);
  store<u8>(target++, 32);
  const protocol = load<u8>(at, 6);
  if (protocol == 0) return writeText(target, 'LOCAL ');
  if (protocol == 1) return writeText(target, 'TCP ');
  return protocol == 2 ? writeText(target, 'UDP ') : target;
}

function writeNumber(target: usize, name: string, value: u32): usize {
  return writeU32(writeText(target, name), value);
}

/** Writes ASCII. */
function writeText(target: usize, text: string): usize {
  for (let i = 0; i < text.length; i++) store<u8>(target++, <u8>text.charCodeAt(i));
  return target;
}

function high(value: u32): u32 {
  return value >> 16;
}

function low(value: u32): u32 {
  return value & 0xffff;
}
