//! A binary format of records, each a kind (one byte), the payload's length (u32, little-endian) and the payload. Everything
//! that a parser can answer is there: lines, columns, attachments, messages with attachments, skipped bytes, and all errors.

mod payload;

use payload::Payload;
use plugin_api::config::Describe;
use plugin_api::parser::{ParseError, ParseReturn, ParseYield, ParsedMessage, Parser, message, skipped};
use plugin_api::{Config, ConfigSchemaItem, InitError, Schema, Version, crate_version};

const HEADER_BYTES: usize = 5;

struct Records {
    most_items: usize,
    ask_by_error: bool,
}

impl Parser for Records {
    fn version() -> Version {
        crate_version!()
    }

    fn config_schemas() -> Vec<ConfigSchemaItem> {
        vec![
            Schema::integer("items-per-call", "Items of one call", 4096).describe("At most; 0 means no limit"),
            Schema::dropdown("when-short", "When the input ends within a record", &["incomplete", "nothing"], "incomplete")
                .describe("Whether to answer with the error or with no items"),
        ]
    }

    fn create(config: &Config) -> Result<Self, InitError> {
        let most_items = match config.integer("items-per-call")? {
            0 => usize::MAX,
            most => usize::try_from(most)
                .map_err(|_| InitError::Config(format!("'items-per-call' must not be negative, got {most}")))?,
        };
        Ok(Records { most_items, ask_by_error: config.dropdown("when-short")? == "incomplete" })
    }

    fn parse(&mut self, data: &[u8], timestamp: Option<u64>) -> Result<Vec<ParseReturn>, ParseError> {
        let mut items = Vec::new();
        let mut at = 0;
        while items.len() < self.most_items && at < data.len() {
            match record(&data[at..], timestamp) {
                Ok((item, consumed)) => {
                    items.push(item);
                    at += consumed;
                }
                // What was found before it counts; the next call begins with it.
                Err(_) if !items.is_empty() => break,
                Err(ParseError::Incomplete) if !self.ask_by_error => break,
                Err(error) => return Err(error),
            }
        }
        Ok(items)
    }
}

/// The record at the beginning, and its bytes.
fn record(data: &[u8], timestamp: Option<u64>) -> Result<(ParseReturn, usize), ParseError> {
    let kind = data[0];
    if !b"LCAMNSTPEUI".contains(&kind) {
        return Err(ParseError::Parse(format!("no record begins with the byte {kind:#04x}")));
    }
    let length = data.get(1..HEADER_BYTES).ok_or(ParseError::Incomplete)?;
    let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
    let end = HEADER_BYTES.checked_add(length).ok_or_else(|| ParseError::Parse("the record is too long".into()))?;
    let mut payload = Payload::new(data.get(HEADER_BYTES..end).ok_or(ParseError::Incomplete)?);
    let item = match kind {
        b'L' => message(ParsedMessage::Line(payload.rest_as_text()?), end),
        b'C' => message(ParsedMessage::Columns(payload.columns()?), end),
        b'T' => message(ParsedMessage::Line(format!("timestamp: {timestamp:?}")), end),
        b'A' => valued(ParseYield::Attachment(payload.attachment()?), end),
        b'M' => {
            let line = ParsedMessage::Line(payload.text()?);
            valued(ParseYield::MessageAndAttachment((line, payload.attachment()?)), end)
        }
        b'N' => {
            let columns = ParsedMessage::Columns(payload.columns()?);
            valued(ParseYield::MessageAndAttachment((columns, payload.attachment()?)), end)
        }
        b'S' => skipped(end),
        b'P' => return Err(ParseError::Parse(payload.rest_as_text()?)),
        b'I' => return Err(ParseError::Incomplete),
        b'E' => return Err(ParseError::Eof),
        _ => return Err(ParseError::Unrecoverable(payload.rest_as_text()?)),
    };
    Ok((item, end))
}

fn valued(value: ParseYield, consumed: usize) -> ParseReturn {
    ParseReturn { value: Some(value), consumed: consumed as u64 }
}

plugin_api::export_parser!(Records);
