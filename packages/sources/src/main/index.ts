/** What is public: the options of the built-in sources. Sessions take them: `@chipmunk-host/hosts`, `@chipmunk-host/manager`. */

export type { Compression } from '../shared/compression.js';
export type { FilePosition } from '../shared/file-position.js';
export type { CompressionChoice, FilesOrder, FilesSource } from '../shared/files-options.js';
export type { Fingerprint } from '../shared/fingerprint.js';
export type { FollowFileOptions } from '../shared/follow-options.js';
export type { PcapFilters, PcapOptions, PcapPayload } from '../shared/pcap-options.js';
export type { ProcessOptions } from '../shared/process-options.js';
export type { RecordOptions } from '../shared/record-options.js';
export type { SerialOptions } from '../shared/serial-options.js';
export type { ReconnectOptions, SocketClientOptions, SocketServerOptions } from '../shared/socket-options.js';
export type { BuiltInSource, SourceKind, SourceKinds } from '../shared/source-table.js';
export { sourceFromUrl } from '../shared/source-url.js';
export type { TcpListenOptions, TcpOptions } from '../shared/tcp-options.js';
export type { MulticastGroup, UdpOptions } from '../shared/udp-options.js';
export type { UnixListenOptions, UnixOptions } from '../shared/unix-options.js';
export { SOURCE_SCHEMES } from '../shared/url-schemes.js';
