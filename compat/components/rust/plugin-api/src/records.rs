//! The result of `parse` as the canonical ABI lays it out in memory, and the memory of one call that it points to.
//!
//! An enum with `repr(C, u8)` has the layout of the canonical ABI's variants: a byte that names the case, and behind it the case's fields.

#![allow(dead_code, reason = "the host reads what is only written here")]

use crate::parser::ParseError;
use std::fmt;

/// A string or a list: where it begins, and its length in bytes or elements.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Parts {
    at: *const u8,
    length: usize,
}

impl Parts {
    pub(crate) fn of<T>(values: &[T]) -> Self {
        Parts { at: values.as_ptr().cast(), length: values.len() }
    }

    /// # Safety
    /// It was made of bytes, which still lie there and do not change for as long as `'a`.
    pub(crate) unsafe fn bytes<'a>(&self) -> &'a [u8] {
        unsafe { std::slice::from_raw_parts(self.at, self.length) }
    }
}

#[derive(Clone, Copy)]
#[repr(C, u8)]
pub(crate) enum Optional<T> {
    None,
    Some(T),
}

impl<T> From<Option<T>> for Optional<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Optional::None, Optional::Some)
    }
}

/// A `parse-return`.
#[repr(C)]
pub(crate) struct Record {
    pub(crate) value: Optional<Yield>,
    pub(crate) consumed: u64,
}

#[repr(C, u8)]
pub(crate) enum Yield {
    Message(Message),
    Attachment(AttachmentRecord),
    MessageAndAttachment(Message, AttachmentRecord),
}

#[derive(Clone, Copy)]
#[repr(C, u8)]
pub(crate) enum Message {
    Line(Parts),
    Columns(Parts),
}

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct AttachmentRecord {
    pub(crate) name: Parts,
    pub(crate) size: u64,
    pub(crate) created_date: Optional<Parts>,
    pub(crate) modified_date: Optional<Parts>,
    pub(crate) messages: Parts,
    pub(crate) data: Parts,
}

/// A `result<list<parse-return>, parse-error>`.
#[repr(C, u8)]
pub(crate) enum ParseResult {
    Ok(Parts),
    Err(Failure),
}

/// A `parse-error`.
#[repr(C, u8)]
pub(crate) enum Failure {
    Unrecoverable(Parts),
    Parse(Parts),
    Incomplete,
    Eof,
}

#[cfg(target_pointer_width = "32")]
const _: () = {
    use std::mem::{offset_of, size_of};
    assert!(size_of::<Record>() == 96 && offset_of!(Record, consumed) == 88);
    assert!(size_of::<Message>() == 12 && size_of::<AttachmentRecord>() == 56);
    assert!(offset_of!(AttachmentRecord, messages) == 40 && size_of::<ParseResult>() == 16);
};

/// What one call returns, and what of it is not in the input. It is kept from call to call.
pub(crate) struct Memory {
    pub(crate) records: Vec<Record>,
    pub(crate) columns: Pieces<Parts>,
    pub(crate) texts: Pieces<u8>,
    result: ParseResult,
    /// What the result's error says.
    error: String,
}

impl Memory {
    pub(crate) const fn new() -> Self {
        let result = ParseResult::Err(Failure::Eof);
        Memory { records: Vec::new(), columns: Pieces::new(), texts: Pieces::new(), result, error: String::new() }
    }

    /// Forgets the items.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.columns.clear();
        self.texts.clear();
    }

    /// Where the result lies, until the next one is made.
    pub(crate) fn result(&mut self, outcome: Result<(), ParseError>) -> *mut u8 {
        self.result = match outcome {
            Ok(()) => ParseResult::Ok(Parts::of(&self.records)),
            Err(ParseError::Unrecoverable(text)) => ParseResult::Err(Failure::Unrecoverable(self.keep_error(text))),
            Err(ParseError::Parse(text)) => ParseResult::Err(Failure::Parse(self.keep_error(text))),
            Err(ParseError::Incomplete) => ParseResult::Err(Failure::Incomplete),
            Err(ParseError::Eof) => ParseResult::Err(Failure::Eof),
        };
        (&raw mut self.result).cast()
    }

    fn keep_error(&mut self, text: String) -> Parts {
        self.error = text;
        Parts::of(self.error.as_bytes())
    }
}

/// Values that stay where they are until all are forgotten: chunks that never grow.
pub(crate) struct Pieces<T> {
    chunks: Vec<Vec<T>>,
    /// The chunk that is being filled; those behind it are empty.
    current: usize,
}

/// Elements of a chunk, at least.
const CHUNK: usize = 0x4000;

impl<T: Copy> Pieces<T> {
    const fn new() -> Self {
        Pieces { chunks: Vec::new(), current: 0 }
    }

    fn clear(&mut self) {
        self.chunks.iter_mut().for_each(Vec::clear);
        self.current = 0;
    }

    pub(crate) fn keep(&mut self, values: &[T]) -> Parts {
        let chunk = self.with_room(values.len());
        let start = chunk.len();
        chunk.extend_from_slice(values);
        Parts::of(&chunk[start..])
    }

    /// A chunk that takes so many more without moving.
    fn with_room(&mut self, count: usize) -> &mut Vec<T> {
        let has_room = |chunk: &Vec<T>| chunk.capacity() - chunk.len() >= count;
        while self.chunks.get(self.current).is_some_and(|chunk| !has_room(chunk)) {
            self.current += 1;
        }
        if self.current == self.chunks.len() {
            self.chunks.push(Vec::with_capacity(count.max(CHUNK)));
        }
        &mut self.chunks[self.current]
    }
}

impl Pieces<u8> {
    pub(crate) fn writer(&mut self) -> Writer<'_> {
        let start = self.with_room(0).len();
        Writer { pieces: self, start }
    }
}

/// Writes one text, which moves to another chunk when it does not fit.
pub(crate) struct Writer<'m> {
    pieces: &'m mut Pieces<u8>,
    /// Where the text begins in the current chunk.
    start: usize,
}

impl Writer<'_> {
    pub(crate) fn finish(self) -> Parts {
        Parts::of(&self.pieces.chunks[self.pieces.current][self.start..])
    }
}

impl fmt::Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let before = self.pieces.current;
        let written = self.pieces.chunks[before].len() - self.start;
        let full = self.pieces.chunks[before].capacity() - self.pieces.chunks[before].len() < text.len();
        if full {
            let moved = self.pieces.chunks[before].split_off(self.start);
            // Twice the room, so that a text of many parts is moved a few times only.
            self.pieces.with_room(2 * (written + text.len()));
            self.start = self.pieces.chunks[self.pieces.current].len();
            self.pieces.chunks[self.pieces.current].extend_from_slice(&moved);
        }
        self.pieces.chunks[self.pieces.current].extend_from_slice(text.as_bytes());
        Ok(())
    }
}
