/** The names that syslog has for the numbers of its priorities. */

/** A text that stays where it is. */
export class Word {
  readonly at: usize;
  readonly length: usize;
  private readonly bytes: ArrayBuffer;

  constructor(text: string) {
    this.bytes = String.UTF8.encode(text);
    this.at = changetype<usize>(this.bytes);
    this.length = this.bytes.byteLength;
  }
}

export const SEVERITIES: Word[] = words('emerg,alert,crit,err,warning,notice,info,debug');
export const FACILITIES: Word[] = words(
  'kern,user,mail,daemon,auth,syslog,lpr,news,uucp,cron,authpriv,ftp,ntp,audit,alert,clock,local0,local1,local2,local3,local4,local5,local6,local7',
);

/** The number of up to three digits that is a priority; -1: there is none. */
export function priorityAt(at: usize, length: usize): i32 {
  if (length == 0) return -1;
  let number: i32 = 0;
  for (let i: usize = 0; i < length; i++) number = number * 10 + (load<u8>(at + i) - 48);
  return number;
}

function words(names: string): Word[] {
  const list = names.split(',');
  const found: Word[] = [];
  for (let i = 0; i < list.length; i++) found.push(new Word(list[i]));
  return found;
}
