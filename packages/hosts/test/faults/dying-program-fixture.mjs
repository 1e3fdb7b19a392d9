// The program of parsers' workers, in a thread that ends when it is told to run.
import { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';

BatchRingWriter.prototype.begin = () => process.exit(3);

const { default: runParser } = await import('#worker/parser.worker.js');
export default runParser;
