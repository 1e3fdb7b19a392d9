//! The parser of `lines`, with items that point into the input.

#[path = "../../lines/src/lib.rs"]
mod lines;

use lines::{Chatter, Lines, MOST_ITEMS};
use plugin_api::borrowed::{BorrowingParser, Items, Text};
use plugin_api::parser::{ParseError, Parser, RenderOptions};
use plugin_api::text::{as_utf8, find_byte};
use plugin_api::{Config, ConfigSchemaItem, InitError, Version, info};

impl BorrowingParser for Lines {
    fn version() -> Version {
        <Lines as Parser>::version()
    }

    fn config_schemas() -> Vec<ConfigSchemaItem> {
        <Lines as Parser>::config_schemas()
    }

    fn render_options() -> RenderOptions {
        <Lines as Parser>::render_options()
    }

    fn create(config: &Config) -> Result<Self, InitError> {
        <Lines as Parser>::create(config)
    }

    fn parse<'a>(&mut self, data: &'a [u8], _timestamp: Option<u64>, items: &mut Items<'a>) -> Result<(), ParseError> {
        self.calls += 1;
        if self.chatter == Chatter::Calls {
            println!("call {} has {} bytes", self.calls, data.len());
            info!("call {}", self.calls);
        }
        let mut rest = data;
        while items.len() < MOST_ITEMS
            && let Some(length) = find_byte(rest, self.ending)
        {
            self.put(&rest[..length], length + 1, items);
            rest = &rest[length + 1..];
        }
        let left = rest.len();
        // What was left comes again and is no longer: the input has ended, and this is the last line.
        if items.is_empty() && left == self.left && left > 0 {
            self.put(data, left, items);
            self.left = 0;
        } else {
            self.left = if items.len() < MOST_ITEMS { left } else { 0 };
        }
        Ok(())
    }
}

impl Lines {
    fn put<'a>(&mut self, text: &'a [u8], consumed: usize, items: &mut Items<'a>) {
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if !self.hidden.is_empty() && self.hidden.contains(text) {
            return items.skipped(consumed);
        }
        let shown: Text = match as_utf8(text) {
            Some(valid) if self.prefix.is_empty() => valid.into(),
            Some(valid) => items.write(format_args!("{}{valid}", self.prefix)),
            None if self.lossy => items.write(format_args!("{}{}", self.prefix, String::from_utf8_lossy(text))),
            None => return items.skipped(consumed),
        };
        let length = if self.factor == 1.0 {
            items.write_number(text.len() as u64)
        } else {
            items.write(format_args!("{}", text.len() as f32 * self.factor))
        };
        if self.first_number == 0 {
            return items.columns(&[length, shown], consumed);
        }
        let number = i64::from(self.first_number) + self.number;
        self.number += 1;
        // A message that has no columns: hosts must take both from one plugin.
        if shown.is_empty() {
            let line = items.write(format_args!("{number}"));
            items.line(line, consumed);
        } else {
            let numbered = items.write(format_args!("{number}: {shown}"));
            items.columns(&[length, numbered], consumed);
        }
    }
}

plugin_api::export_borrowing_parser!(Lines);
