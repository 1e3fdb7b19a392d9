//! Reads the payload of a record: numbers are little-endian, texts are UTF-8 behind a u16 with their length.

use plugin_api::parser::{Attachment, ParseError};

pub struct Payload<'a> {
    rest: &'a [u8],
}

impl<'a> Payload<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn text(&mut self) -> Result<String, ParseError> {
        let length = self.u16()?;
        text_of(self.take(usize::from(length))?)
    }

    pub fn rest_as_text(&mut self) -> Result<String, ParseError> {
        let rest = self.rest;
        text_of(self.take(rest.len())?)
    }

    /// A u16 with how many, then the texts.
    pub fn columns(&mut self) -> Result<Vec<String>, ParseError> {
        (0..self.u16()?).map(|_| self.text()).collect()
    }

    /// Name, size (u64), flags (u8: 1 a date of creation follows, 2 a date of change), the dates, the messages (a u16 with how
    /// many, then u64s); all the rest is the content.
    pub fn attachment(&mut self) -> Result<Attachment, ParseError> {
        let name = self.text()?;
        let size = self.u64()?;
        let flags = self.take(1)?[0];
        let created_date = (flags & 1 != 0).then(|| self.text()).transpose()?;
        let modified_date = (flags & 2 != 0).then(|| self.text()).transpose()?;
        let messages = (0..self.u16()?).map(|_| self.u64()).collect::<Result<_, _>>()?;
        let rest = self.rest;
        let data = self.take(rest.len())?.to_vec();
        Ok(Attachment { name, size, created_date, modified_date, messages, data })
    }

    fn u16(&mut self) -> Result<u16, ParseError> {
        let bytes = self.take(2)?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    fn u64(&mut self) -> Result<u64, ParseError> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(u64::from_le_bytes(bytes))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ParseError> {
        let (taken, rest) =
            self.rest.split_at_checked(length).ok_or_else(|| ParseError::Parse("the record ends within a field".into()))?;
        self.rest = rest;
        Ok(taken)
    }
}

fn text_of(bytes: &[u8]) -> Result<String, ParseError> {
    String::from_utf8(bytes.to_vec()).map_err(|error| ParseError::Parse(format!("a text of the record is not UTF-8: {error}")))
}
