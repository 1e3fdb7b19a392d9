/**
 * The columns where none are named, and the members that logging libraries write for each. Of those that a line has, the one that is named
 * first here is shown; the others stay in `Rest`.
 */
import { Column } from '@chipmunk-host/sdk/assembly';
import { parsePaths } from './member-path';
import { Form, MemberTree } from './member-tree';

const TIMES =
  'time, timestamp, @timestamp, ts, @t, t, datetime, date, eventTime, event_time, Timestamp, Time, asctime, created, __REALTIME_TIMESTAMP';
const LEVELS =
  'level, severity, lvl, levelname, log\\.level, log.level, loglevel, log_level, severity_text, severityText, @level, @l, Level, Severity, PRIORITY';
const SOURCES =
  'logger, logger_name, loggerName, log\\.logger, log.logger, component, module, service, SourceContext, source, target, caller, name, SYSLOG_IDENTIFIER';
const MESSAGES =
  'message, msg, @message, @m, @mt, text, short_message, event, log, body, Message, MessageTemplate, MESSAGE';

export function commonColumns(): Column[] {
  return [
    new Column('Time', 'The point in time that the line names', 200),
    new Column('Level', 'How grave it is', 60),
    new Column('Source', 'Which part of the program wrote it', 120),
    new Column('Message', 'Its text', 600),
  ];
}

export function commonTree(): MemberTree {
  const tree = new MemberTree();
  tree.timeColumn = 0;
  addAll(tree, 0, TIMES, Form.Time);
  addAll(tree, 1, LEVELS, Form.Scalar);
  addAll(tree, 2, SOURCES, Form.Text);
  addAll(tree, 3, MESSAGES, Form.Text);
  return tree;
}

/** Whether a member of this name may be the time. */
export function isTimeName(name: string): bool {
  const paths = parsePaths(TIMES).paths;
  for (let i = 0; i < paths.length; i++) {
    if (paths[i].last == name) return true;
  }
  return false;
}

function addAll(tree: MemberTree, column: i32, list: string, form: Form): void {
  const paths = parsePaths(list).paths;
  for (let i = 0; i < paths.length; i++) {
    const node = tree.add(paths[i], column);
    node.form = form;
    node.rank = i;
  }
}
