//! The loop of a session, once by Chipmunk's rules and once by those of docs/plugin-contract.md. It is written from the
//! rules and not from the host's code, so that each can show the other's mistakes.

use crate::bindings::{ParseError, ParseReturn};
use crate::failure::{Failure, Outcome};
use crate::input::Input;
use crate::items::Sink;
use crate::plugins::Parser;
use serde::Deserialize;

const LONGEST_WINDOW: usize = 256 * 1024 * 1024;
const MAX_DROPPED_BEFORE_FIRST_ITEM: u64 = 1024;
const MAX_PARSE_ERRORS: u32 = 2000;
const MAX_INCOMPLETE: u32 = 50;
const MAX_INCOMPLETE_AT_END: u32 = 2000;

#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Rules {
    /// Those of docs/plugin-contract.md.
    Host,
    #[default]
    Chipmunk,
}

#[derive(Default)]
pub struct Totals {
    pub items: u64,
    pub skipped_bytes: u64,
}

pub struct Producer<'a> {
    pub parser: Parser,
    pub input: Input,
    pub sink: &'a mut Sink,
    pub totals: Totals,
    /// How many columns a line becomes at most that holds separators.
    most_columns: usize,
    /// Dropped one by one, because the parser found nothing in them.
    dropped: u64,
    parse_errors: u32,
    incompletes: u32,
    incompletes_at_end: u32,
}

impl<'a> Producer<'a> {
    pub fn new(parser: Parser, input: Input, sink: &'a mut Sink) -> Self {
        Self {
            most_columns: parser.columns,
            parser,
            input,
            sink,
            totals: Totals::default(),
            dropped: 0,
            parse_errors: 0,
            incompletes: 0,
            incompletes_at_end: 0,
        }
    }

    pub fn run(&mut self, rules: Rules, window: usize) -> Outcome<()> {
        match rules {
            Rules::Host => self.run_as_host(window),
            Rules::Chipmunk => self.run_as_chipmunk(),
        }
    }

    fn run_as_chipmunk(&mut self) -> Outcome<()> {
        // Its application splits at every separator, if any columns are named.
        self.most_columns = if self.parser.columns == 0 { 0 } else { usize::MAX };
        // Bytes at the end of the input for which the parser had no answer when it was last called.
        let mut unanswered = None;
        loop {
            let loaded = self.input.load_once();
            loop {
                let bytes = self.input.len();
                if bytes == 0 && loaded == 0 {
                    return Ok(());
                }
                if bytes == 0 {
                    break;
                }
                match self.parser.parse(self.input.slice(bytes))? {
                    Ok(items) => {
                        let found = !items.is_empty();
                        let consumed = self.take(items, bytes)?;
                        self.parse_errors = 0;
                        // Chipmunk calls it with these bytes again, and would do so for ever.
                        let answered = found || consumed > 0 || loaded > 0;
                        if !answered && unanswered == Some(bytes) {
                            self.skip(bytes);
                        }
                        unanswered = if answered { None } else { Some(bytes) };
                        break;
                    }
                    Err(ParseError::Incomplete) => {
                        self.count_failure(MAX_INCOMPLETE, "'incomplete'")?;
                        if loaded > 0 {
                            break;
                        }
                        self.skip(1);
                    }
                    Err(ParseError::Parse(message)) => {
                        self.limit_first_drops(&message)?;
                        self.count_failure(MAX_PARSE_ERRORS, &message)?;
                        self.drop_one();
                    }
                    Err(ParseError::Eof) => return Ok(()),
                    Err(ParseError::Unrecoverable(message)) => return Err(Failure::unrecoverable(message)),
                }
            }
        }
    }

    /// One counter for both kinds, held against the limit of the latest.
    fn count_failure(&mut self, limit: u32, what: &str) -> Outcome<()> {
        self.parse_errors += 1;
        if self.parse_errors > limit {
            return Err(Failure::unrecoverable(format!("{} failures in a row, the last: {what}", self.parse_errors)));
        }
        Ok(())
    }

    fn run_as_host(&mut self, shortest_window: usize) -> Outcome<()> {
        let mut window = shortest_window;
        // Bytes that the plugin left of its last slice: a slice of this very length tells it that the input has ended.
        let mut rest: Option<usize> = None;
        let mut must_grow = false;
        loop {
            let mut wanted = if must_grow { window.max(rest.map_or(0, |bytes| bytes + 1)) } else { window };
            if rest == Some(wanted) {
                wanted += 1;
            }
            let bytes = self.input.available(wanted)?;
            if bytes == 0 {
                return Ok(());
            }
            let at_end = self.input.ends_behind(bytes);
            let last_pass = rest == Some(bytes);
            must_grow = false;
            let mut used = 0;
            match self.parser.parse(self.input.slice(bytes))? {
                Ok(items) => {
                    let consumed = self.take(items, bytes)?;
                    self.parse_errors = 0;
                    self.incompletes = 0;
                    self.incompletes_at_end = 0;
                    rest = Some(bytes - consumed);
                    used = consumed;
                    if consumed == 0 && last_pass {
                        self.skip(bytes);
                        return Ok(());
                    }
                    must_grow = consumed == 0 && !at_end;
                }
                Err(ParseError::Incomplete) if at_end => {
                    self.incompletes_at_end += 1;
                    self.skip(if self.incompletes_at_end > MAX_INCOMPLETE_AT_END { bytes } else { 1 });
                    rest = None;
                }
                Err(ParseError::Incomplete) => {
                    self.incompletes += 1;
                    if self.incompletes > MAX_INCOMPLETE {
                        return Err(Failure::unrecoverable(format!(
                            "'incomplete' {} times in a row",
                            self.incompletes
                        )));
                    }
                    rest = Some(bytes);
                    must_grow = true;
                }
                Err(ParseError::Parse(message)) => {
                    self.limit_first_drops(&message)?;
                    self.parse_errors += 1;
                    if self.parse_errors > MAX_PARSE_ERRORS {
                        let count = self.parse_errors;
                        return Err(Failure::unrecoverable(format!(
                            "{count} parse errors in a row; the last one: {message}"
                        )));
                    }
                    self.drop_one();
                    rest = None;
                }
                Err(ParseError::Eof) => {
                    let left = self.input.size().map_or(bytes as u64, |size| size - self.input.offset);
                    self.totals.skipped_bytes += left;
                    self.input.offset += left;
                    return Ok(());
                }
                Err(ParseError::Unrecoverable(message)) => return Err(Failure::unrecoverable(message)),
            }
            if must_grow && bytes >= window {
                if window >= LONGEST_WINDOW {
                    return Err(Failure::contract(format!("nothing consumed of {bytes} bytes")));
                }
                window = (window * 2).min(LONGEST_WINDOW);
            } else if used > 0 && used * 2 >= bytes && window > shortest_window {
                window = (window / 2).max(shortest_window);
            }
        }
    }

    /// Passes the items on. Returns how many bytes they consumed.
    fn take(&mut self, items: Vec<ParseReturn>, bytes: usize) -> Outcome<usize> {
        let mut consumed = 0u64;
        for item in &items {
            consumed = consumed.saturating_add(item.consumed);
        }
        if consumed > bytes as u64 {
            return Err(Failure::contract(format!("{consumed} bytes consumed of {bytes}")));
        }
        for ParseReturn { value, consumed } in items {
            match value {
                Some(item) => {
                    self.totals.items += 1;
                    let taken = self.sink.take(self.input.offset, consumed, item, self.most_columns);
                    taken.map_err(|error| Failure::new("ERR_INTERNAL", format!("output: {error}")))?;
                }
                None => self.totals.skipped_bytes += consumed,
            }
            self.input.consume(consumed as usize);
        }
        Ok(consumed as usize)
    }

    /// So much is wrong before the first item that the parser is probably the wrong one.
    fn limit_first_drops(&self, message: &str) -> Outcome<()> {
        if self.totals.items == 0 && self.dropped > MAX_DROPPED_BEFORE_FIRST_ITEM {
            return Err(Failure::unrecoverable(format!("no item in the first {} bytes: {message}", self.dropped)));
        }
        Ok(())
    }

    fn drop_one(&mut self) {
        self.dropped += 1;
        self.skip(1);
    }

    fn skip(&mut self, bytes: usize) {
        self.totals.skipped_bytes += bytes as u64;
        self.input.consume(bytes);
    }
}
