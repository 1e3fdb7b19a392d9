/** A parser that makes an attachment of every 4,096 bytes. */
import { Attachment, Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

const ATTACHMENT_BYTES: usize = 4096;

class Attachments extends Parser {
  version(): Version {
    return new Version(0, 1, 0);
  }

  parse(input: Input, out: Items): void {
    for (let at = input.start; at + ATTACHMENT_BYTES <= input.end; at += ATTACHMENT_BYTES) {
      const attachment = new Attachment('part.bin', <u64>ATTACHMENT_BYTES);
      attachment.content(at, ATTACHMENT_BYTES);
      out.attachment(attachment, <u64>ATTACHMENT_BYTES);
    }
    if (out.count == 0) out.incomplete();
  }
}

export function create(): Parser {
  return new Attachments();
}
