//! What becomes of items: lines of JSON in the form of `chipmunk-host ingest --format ndjson`, or nothing but a count.

use crate::bindings::parser::chipmunk::parser::parse_types::Attachment;
use crate::bindings::{ParseYield, ParsedMessage};
use crate::failure::{Failure, Outcome};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// Chipmunk's own mark between columns in a flat line.
const COLUMN_SEPARATOR: &str = "\u{4}";

pub enum Sink {
    Ndjson(Box<dyn Write>),
    /// For speed: columns are joined to one line, as Chipmunk does, and the line is dropped.
    None,
}

impl Sink {
    /// Without a path, items are dropped.
    pub fn create(path: Option<&Path>) -> Outcome<Self> {
        let Some(path) = path else { return Ok(Self::None) };
        let file = File::create(path)
            .map_err(|error| Failure::new("ERR_USAGE", format!("cannot write {}: {error}", path.display())))?;
        Ok(Self::Ndjson(Box::new(BufWriter::new(file))))
    }

    /// A line into which columns were joined is written as `most_columns` of them at most.
    pub fn take(&mut self, offset: u64, length: u64, item: ParseYield, most_columns: usize) -> Result<()> {
        match self {
            Self::Ndjson(out) => write_line(out, offset, length, &split(item, most_columns)),
            Self::None => {
                drop(black_box(flat(item)));
                Ok(())
            }
        }
    }

    pub fn finish(&mut self) -> Result<()> {
        match self {
            Self::Ndjson(out) => out.flush(),
            Self::None => Ok(()),
        }
    }
}

fn split(item: ParseYield, most_columns: usize) -> ParseYield {
    let split = |message| match message {
        ParsedMessage::Line(line) if most_columns > 1 && line.contains(COLUMN_SEPARATOR) => {
            ParsedMessage::Columns(line.splitn(most_columns, COLUMN_SEPARATOR).map(str::to_string).collect())
        }
        other => other,
    };
    match item {
        ParseYield::Message(message) => ParseYield::Message(split(message)),
        ParseYield::MessageAndAttachment((message, attachment)) => {
            ParseYield::MessageAndAttachment((split(message), attachment))
        }
        ParseYield::Attachment(attachment) => ParseYield::Attachment(attachment),
    }
}

fn flat(item: ParseYield) -> (Option<String>, Option<Attachment>) {
    let line = |message| match message {
        ParsedMessage::Line(line) => line,
        ParsedMessage::Columns(columns) => columns.join(COLUMN_SEPARATOR),
    };
    match item {
        ParseYield::Message(message) => (Some(line(message)), None),
        ParseYield::Attachment(attachment) => (None, Some(attachment)),
        ParseYield::MessageAndAttachment((message, attachment)) => (Some(line(message)), Some(attachment)),
    }
}

fn write_line(out: &mut dyn Write, offset: u64, length: u64, item: &ParseYield) -> Result<()> {
    write!(out, "{{\"offset\":{offset},\"length\":{length}")?;
    let (message, attachment) = match item {
        ParseYield::Message(message) => (Some(message), None),
        ParseYield::Attachment(attachment) => (None, Some(attachment)),
        ParseYield::MessageAndAttachment((message, attachment)) => (Some(message), Some(attachment)),
    };
    match message {
        Some(ParsedMessage::Line(text)) => member(out, "text", text)?,
        Some(ParsedMessage::Columns(columns)) => member(out, "columns", columns)?,
        None => {}
    }
    if let Some(attachment) = attachment {
        write_attachment(out, attachment)?;
    }
    out.write_all(b"}\n")
}

fn write_attachment(out: &mut dyn Write, attachment: &Attachment) -> Result<()> {
    out.write_all(b",\"attachment\":{\"name\":")?;
    json(out, &attachment.name)?;
    member(out, "size", &attachment.size)?;
    member(out, "created", &attachment.created_date)?;
    member(out, "modified", &attachment.modified_date)?;
    member(out, "messages", &attachment.messages)?;
    member(out, "data", &STANDARD.encode(&attachment.data))?;
    out.write_all(b"}")
}

fn member<Value: Serialize + ?Sized>(out: &mut dyn Write, name: &str, value: &Value) -> Result<()> {
    write!(out, ",\"{name}\":")?;
    json(out, value)
}

/// The escapes of serde_json are those of `JSON.stringify`.
fn json<Value: Serialize + ?Sized>(out: &mut dyn Write, value: &Value) -> Result<()> {
    serde_json::to_writer(out, value).map_err(Into::into)
}
