//! Parses a file of DLT messages with the crate that Chipmunk's own parser is made of, writes the same columns as its formatter, and
//! prints how many rows and bytes of text there were, and how long that took without reading the file.
use std::{env, fmt::Write, fs, time::Instant};

use dlt_core::{
    dlt::{Argument, LogLevel, MessageType, PayloadContent, Value},
    parse::{dlt_message, ParsedMessage},
};

/// Between columns, and before each argument.
const COLUMN: char = '\u{4}';
const ARGUMENT: char = '\u{5}';

fn main() {
    let path = env::args().nth(1).expect("usage: dlt-core-rows FILE");
    let input = fs::read(path).expect("the file can be read");
    let start = Instant::now();
    let mut rest = &input[..];
    let mut row = String::new();
    let (mut items, mut text_bytes) = (0u64, 0u64);
    while !rest.is_empty() {
        let Ok((next, ParsedMessage::Item(message))) = dlt_message(rest, None, true) else {
            panic!("a message cannot be parsed");
        };
        rest = next;
        row.clear();
        write_row(&mut row, &message).expect("a string takes all text");
        items += 1;
        text_bytes += row.len() as u64;
    }
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    println!("{{\"items\":{items},\"textBytes\":{text_bytes},\"durationMs\":{milliseconds}}}");
}

fn write_row(row: &mut String, message: &dlt_core::dlt::Message) -> std::fmt::Result {
    let storage = message.storage_header.as_ref().expect("the file has storage headers");
    let time = chrono::DateTime::from_timestamp(i64::from(storage.timestamp.seconds), storage.timestamp.microseconds * 1000)
        .expect("the times are valid");
    let header = &message.header;
    write!(row, "{}{COLUMN}{}{COLUMN}{}{COLUMN}", time.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true), storage.ecu_id, header.version)?;
    if let Some(id) = header.session_id {
        write!(row, "{id}")?;
    }
    write!(row, "{COLUMN}{}{COLUMN}", header.message_counter)?;
    if let Some(ticks) = header.timestamp {
        write!(row, "{ticks}")?;
    }
    row.push(COLUMN);
    if let Some(id) = &header.ecu_id {
        row.push_str(id);
    }
    row.push(COLUMN);
    let extended = message.extended_header.as_ref().expect("the messages have extended headers");
    write!(row, "{}{COLUMN}{}{COLUMN}", extended.application_id, extended.context_id)?;
    if let MessageType::Log(level) = &extended.message_type {
        write!(row, "LogLevel {}", level_text(level))?;
    }
    row.push(COLUMN);
    if let PayloadContent::Verbose(arguments) = &message.payload {
        for argument in arguments {
            write_argument(row, argument)?;
        }
    }
    Ok(())
}

fn level_text(level: &LogLevel) -> &'static str {
    match level {
        LogLevel::Fatal => "FATAL",
        LogLevel::Error => "ERROR",
        LogLevel::Warn => "WARN",
        LogLevel::Info => "INFO",
        LogLevel::Debug => "DEBUG",
        LogLevel::Verbose => "VERBOSE",
        LogLevel::Invalid(_) => "INVALID",
    }
}

fn write_argument(row: &mut String, argument: &Argument) -> std::fmt::Result {
    row.push(ARGUMENT);
    if let Some(name) = &argument.name {
        row.push_str(name);
    }
    if let Some(unit) = &argument.unit {
        row.push_str(unit);
    }
    match &argument.value {
        Value::StringVal(text) => {
            for line in text.lines() {
                row.push_str(line);
            }
            Ok(())
        }
        Value::U32(value) => write!(row, "{value}"),
        Value::I32(value) => write!(row, "{value}"),
        value => panic!("no such value is in the file: {value:?}"),
    }
}
