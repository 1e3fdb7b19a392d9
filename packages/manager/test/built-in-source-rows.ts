/** The options of built-in sources, for the tests of options: each of them has its rows here. */
import {
  EMPTY,
  flag,
  folder,
  LIST,
  limit,
  NULL,
  NUMBER,
  OBJECT,
  object,
  type Row,
  TEXT,
  whole,
  YES,
} from './option-rows.js';

const name = (path: string): Row => [path, 'a text that is not empty', EMPTY, NUMBER, NULL];

const PORT = 'a whole number from 0 to 65535';
const NETWORK = 'an address of IPv4 or IPv6, or a network such as 10.0.0.0/8';
const ports = (path: string): Row => [path, `${PORT} or a list of ports`, TEXT, NULL, [-1, '-1'], [65_536, '65536']];
const networks = (path: string): Row => [path, `${NETWORK} or a list of them`, TEXT, NULL, NUMBER, EMPTY];

const pcapRows: readonly Row[] = [
  object('source.pcap', 'file, payload, filters, cut, maxWaitMs, maxHeldBytes, maxFlows'),
  folder('source.pcap.file'),
  ['source.pcap.payload', "'udp', 'tcp', 'all'", ['utp', "'utp'"], NUMBER, NULL],
  object('source.pcap.filters', 'port, sourcePort, destinationPort, address, sourceAddress, destinationAddress'),
  ports('source.pcap.filters.port'),
  ports('source.pcap.filters.sourcePort'),
  ports('source.pcap.filters.destinationPort'),
  networks('source.pcap.filters.address'),
  networks('source.pcap.filters.sourceAddress'),
  networks('source.pcap.filters.destinationAddress'),
  ['source.pcap.cut', "'drop' or 'deliver'", ['dropp', "'dropp'"], NUMBER, NULL],
  limit('source.pcap.maxWaitMs'),
  whole('source.pcap.maxHeldBytes', 65_536),
  whole('source.pcap.maxFlows', 1),
];

const clientRows = (at: string): Row[] => [
  limit(`${at}.connectTimeoutMs`, 1),
  [`${at}.reconnect`, 'true or false or an object with maxAttempts, minDelayMs, maxDelayMs', TEXT, NUMBER, NULL],
  limit(`${at}.reconnect.maxAttempts`, 1),
  whole(`${at}.reconnect.minDelayMs`),
  whole(`${at}.reconnect.maxDelayMs`),
  limit(`${at}.idleTimeoutMs`, 1),
];

const serverRows = (at: string): Row[] => [
  whole(`${at}.clients`, 1, 1000),
  limit(`${at}.connections`, 1),
  limit(`${at}.idleTimeoutMs`, 1),
];

export const builtInRows: readonly Row[] = [
  ...pcapRows,
  object('source.process', 'command, shell, output, directory, environment'),
  ['source.process.command', 'a text that is not empty or a list of words', EMPTY, NUMBER, NULL, OBJECT],
  flag('source.process.shell'),
  ['source.process.output', "'stdout' or 'both'", TEXT, NUMBER, NULL],
  folder('source.process.directory'),
  ['source.process.environment', 'an object of texts by name', TEXT, NULL, LIST],
  ['source.process.environment.HOME', 'a text', NUMBER, NULL, YES],
  object('source.serial', 'path, baudRate, dataBits, stopBits, parity, rtscts, xon, xoff, hupcl, lock'),
  folder('source.serial.path'),
  whole('source.serial.baudRate', 1),
  ['source.serial.dataBits', '5, 6, 7 or 8', [4, '4'], TEXT, NULL],
  ['source.serial.stopBits', '1, 1.5 or 2', [3, '3'], TEXT, NULL],
  ['source.serial.parity', "'none', 'even', 'odd', 'mark', 'space'", TEXT, NUMBER, NULL],
  flag('source.serial.rtscts'),
  flag('source.serial.xon'),
  flag('source.serial.xoff'),
  flag('source.serial.hupcl'),
  flag('source.serial.lock'),
  object('source.udp', 'port, address, groups, reuseAddress, receiveBufferBytes, timestamps'),
  whole('source.udp.port', 0, 65_535),
  name('source.udp.address'),
  ['source.udp.groups', 'a list of multicast groups', TEXT, NUMBER, NULL, OBJECT],
  flag('source.udp.reuseAddress'),
  whole('source.udp.receiveBufferBytes', 1024),
  flag('source.udp.timestamps'),
  object('source.tcp', 'host, port, keepAliveMs, connectTimeoutMs, reconnect, idleTimeoutMs'),
  name('source.tcp.host'),
  whole('source.tcp.port', 1, 65_535),
  limit('source.tcp.keepAliveMs', 1),
  ...clientRows('source.tcp'),
  object('source.tcpListen', 'host, port, keepAliveMs, clients, connections, idleTimeoutMs'),
  name('source.tcpListen.host'),
  whole('source.tcpListen.port', 0, 65_535),
  limit('source.tcpListen.keepAliveMs', 1),
  ...serverRows('source.tcpListen'),
  object('source.unix', 'path, connectTimeoutMs, reconnect, idleTimeoutMs'),
  folder('source.unix.path'),
  ...clientRows('source.unix'),
  object('source.unixListen', 'path, clients, connections, idleTimeoutMs'),
  folder('source.unixListen.path'),
  ...serverRows('source.unixListen'),
  // Beside a plugin, `follow` has other options.
  ['source.follow.file', 'the path of a file or a file: URL', EMPTY, NUMBER, NULL],
  [
    'source.follow.start',
    `'beginning' or 'end' or a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
    TEXT,
    NULL,
    LIST,
  ],
  ['source.follow.poll', 'true or false or a whole number from 1 to 2147483647', TEXT, NULL, LIST],
  limit('source.follow.idleMs', 1),
  whole('source.follow.graceMs'),
  ['source.follow.rotation', "'segment' or 'join'", TEXT, NUMBER, NULL],
];

/** Nothing has to stand beside them. */
export const besideBuiltIn = Object.fromEntries(builtInRows.map(([path]) => [path, () => ({})]));
