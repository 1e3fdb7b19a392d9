/** The formats that have a name: a pattern for each, and what its groups are shown as. The README has the same patterns. */

export class Preset {
  constructor(
    readonly name: string,
    readonly title: string,
    /** Captions, each with its group in front. `severity` and `facility` are what the group `priority` says. */
    readonly columns: string,
    /** The groups that the common columns show: level, component and message. */
    readonly common: string,
    /** Whether a line that does not match belongs to the message before it. */
    readonly continues: bool,
    readonly pattern: string,
  ) {}
}

const PRIORITY = '<(?<priority>\\d\\d?|1[0-8]\\d|19[01])>';
const ISO = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)';
const LOGCAT_TIME = '(?<timestamp>(?:\\d{4}-)?\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3,9}(?: [+-]\\d{4})?)';
const LOGCAT_TAG = '(?<level>[VDIWEFSA])\\/(?<component>.*?) *\\( *(?<pid>\\d+)\\):(?: (?<message>.*))?';
const ACCESS =
  '(?<host>\\S+) (?<identity>\\S+) (?<user>\\S+(?: [^\\s\\[]\\S*)*) \\[(?<timestamp>[^\\]]+)\\] "(?<request>[^"\\\\]*(?:\\\\.[^"\\\\]*)*)" (?<status>\\d{3}|-) (?<bytes>\\d+|-)';
const ACCESS_COLUMNS =
  'timestamp=Time, host=Host, identity=Identity, user=User, request=Request, status=Status, bytes=Bytes';

/** `auto` takes the first of those that match the same number of lines. */
export function presets(): Preset[] {
  return [
    new Preset(
      'access-combined',
      'access log of Apache or nginx, combined',
      `${ACCESS_COLUMNS}, referer=Referer, agent=Agent, more=More`,
      ',host,request',
      false,
      `${ACCESS} "(?<referer>[^"\\\\]*(?:\\\\.[^"\\\\]*)*)" "(?<agent>[^"\\\\]*(?:\\\\.[^"\\\\]*)*)"(?: (?<more>.*))?`,
    ),
    new Preset(
      'access-common',
      'access log of Apache or nginx, common',
      ACCESS_COLUMNS,
      ',host,request',
      false,
      ACCESS,
    ),
    new Preset(
      'syslog-5424',
      'syslog, RFC 5424',
      'timestamp=Time, severity=Level, facility=Facility, host=Host, component=Component, pid=PID, id=ID, data=Data, message=Message',
      'severity,component,message',
      false,
      `${PRIORITY}1 (?<timestamp>-|${ISO}) (?<host>\\S+) (?<component>\\S+) (?<pid>\\S+) (?<id>\\S+) ` +
        '(?<data>-|(?:\\[(?:[^\\]"]|"[^"\\\\]*(?:\\\\.[^"\\\\]*)*")*\\])+)(?: \\uFEFF?(?<message>.*))?',
    ),
    new Preset(
      'syslog',
      'syslog, RFC 3164',
      'timestamp=Time, severity=Level, facility=Facility, host=Host, component=Component, pid=PID, message=Message',
      'severity,component,message',
      false,
      `(?:${PRIORITY})?(?<timestamp>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?|${ISO}) (?<host>\\S+) ` +
        '(?:(?<component>[^\\s:\\[]+)(?:\\[(?<pid>[^\\]]*)\\])?:(?: |$))?(?<message>.*)',
    ),
    new Preset(
      'logcat',
      'logcat, threadtime',
      'timestamp=Time, level=Level, component=Tag, user=User, pid=PID, tid=TID, message=Message',
      'level,component,message',
      false,
      `${LOGCAT_TIME} +(?:(?<user>[\\w.]+) +)?(?<pid>\\d+) +(?<tid>\\d+) (?<level>[VDIWEFSA]) (?<component>.*?) *:(?: (?<message>.*))?`,
    ),
    new Preset(
      'logcat-time',
      'logcat, time',
      'timestamp=Time, level=Level, component=Tag, pid=PID, message=Message',
      'level,component,message',
      false,
      `${LOGCAT_TIME} ${LOGCAT_TAG}`,
    ),
    new Preset(
      'logcat-brief',
      'logcat, brief',
      'level=Level, component=Tag, pid=PID, message=Message',
      'level,component,message',
      false,
      LOGCAT_TAG,
    ),
    new Preset(
      'klog',
      'klog or glog',
      'timestamp=Time, level=Level, tid=Thread, component=Source, message=Message',
      'level,component,message',
      true,
      '(?<level>[IWEF])(?<timestamp>(?:\\d{4})?\\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d+) +(?<tid>\\d+) (?<component>[^\\]\\s]+:\\d+)\\](?: (?<message>.*))?',
    ),
  ];
}
