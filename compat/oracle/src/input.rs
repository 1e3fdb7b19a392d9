//! The bytes that are parsed: of a file, or of a byte-source plugin, behind a buffer that works like Chipmunk's or like this
//! project's.

use crate::failure::{Failure, Outcome};
use crate::plugins::ByteSource;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Chipmunk's reader moves its bytes to the front only when fewer than these are left.
const CHIPMUNK_MIN_BUFFERED: usize = 10 * 1024;

pub enum Reader {
    File { file: File, path: PathBuf, size: u64 },
    Plugin(Box<ByteSource>),
}

impl Reader {
    pub fn open(path: &Path) -> Outcome<Self> {
        let fault = |error| Failure::file(path, error);
        let file = File::open(path).map_err(fault)?;
        let size = file.metadata().map_err(fault)?.len();
        Ok(Self::File { file, path: path.to_path_buf(), size })
    }

    /// 0 is the end.
    fn read(&mut self, into: &mut [u8]) -> Outcome<usize> {
        match self {
            Self::File { file, path, .. } => file.read(into).map_err(|error| Failure::file(path, error)),
            Self::Plugin(source) => source.read(into),
        }
    }
}

/// Bytes that were read and not consumed.
pub struct Input {
    reader: Reader,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Position in the input of the first of them.
    pub offset: u64,
    ended: bool,
    failure: Option<Failure>,
    /// Position behind the last byte that the parser was shown.
    shown: u64,
}

impl Input {
    /// `capacity`: bytes that the buffer holds at first.
    pub fn new(reader: Reader, capacity: usize) -> Self {
        let buffer = vec![0; capacity];
        Self { reader, buffer, start: 0, end: 0, offset: 0, ended: false, failure: None, shown: 0 }
    }

    pub fn slice(&self, bytes: usize) -> &[u8] {
        &self.buffer[self.start..self.start + bytes]
    }

    pub fn len(&self) -> usize {
        self.end - self.start
    }

    pub fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// How many bytes the input has, if that is known beforehand.
    pub fn size(&self) -> Option<u64> {
        match self.reader {
            Reader::File { size, .. } => Some(size),
            Reader::Plugin(_) => None,
        }
    }

    /// Whether the input is known to end behind the next `bytes`.
    pub fn ends_behind(&self, bytes: usize) -> bool {
        match self.size() {
            Some(size) => self.offset + bytes as u64 >= size,
            None => self.ended && bytes >= self.len(),
        }
    }

    /// As this project's host does: reads until so many bytes are there, however many that are, or nothing follows. What was
    /// read before an error is shown first.
    pub fn available(&mut self, wanted: usize) -> Outcome<usize> {
        if self.start + wanted > self.buffer.len() {
            self.move_to_front();
            // Twice as many, so that they are not moved for each slice.
            if wanted * 2 > self.buffer.len() {
                self.buffer.resize(wanted * 2, 0);
            }
        }
        while self.len() < wanted && !self.ended && self.failure.is_none() {
            match self.reader.read(&mut self.buffer[self.end..self.start + wanted]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end += count,
                Err(failure) => self.failure = Some(failure),
            }
        }
        let count = self.len().min(wanted);
        let end = self.offset + count as u64;
        match &self.failure {
            Some(failure) if count < wanted && (count == 0 || end <= self.shown) => Err(failure.clone()),
            _ => {
                self.shown = self.shown.max(end);
                Ok(count)
            }
        }
    }

    /// As Chipmunk's reader does: reads once into the room behind what is there. Returns how many bytes came; an error is taken
    /// for none.
    pub fn load_once(&mut self) -> usize {
        if self.len() < CHIPMUNK_MIN_BUFFERED.min(self.buffer.len()) {
            self.move_to_front();
        }
        let count = self.reader.read(&mut self.buffer[self.end..]).unwrap_or(0);
        self.end += count;
        count
    }

    fn move_to_front(&mut self) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
    }
}
