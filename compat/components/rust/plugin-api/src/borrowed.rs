//! Parsers whose items point into the input: no text is copied, and no item is an allocation of its own.
//!
//! What is generated from the WIT takes owned values: a `String` for each text, which is allocated before the call returns and freed
//! after the host has read it. Here the plugin itself writes what the canonical ABI prescribes, into memory that it keeps from call to
//! call. The host sees no difference.

use crate::parser::{ParseError, ParserConfig, RenderOptions};
use crate::records::{AttachmentRecord, Memory, Message, Optional, Parts, Record, Yield};
use crate::{Config, ConfigItem, ConfigSchemaItem, InitError, Version};
use std::cell::RefCell;
use std::fmt::{self, Arguments, Display, Formatter, Write};
use std::marker::PhantomData;

/// A parser as [`Parser`](crate::parser::Parser) is, but for the way in which it returns items.
pub trait BorrowingParser: Sized {
    fn version() -> Version;

    /// What the user can configure. Default: nothing.
    fn config_schemas() -> Vec<ConfigSchemaItem> {
        Vec::new()
    }

    /// How items are shown. Default: as lines.
    fn render_options() -> RenderOptions {
        RenderOptions { columns_options: None }
    }

    fn create(config: &Config) -> Result<Self, InitError>;

    /// Puts the items at the beginning of `data` into `items`, in order. What none of them consumes begins the next slice, as
    /// [`Parser::parse`](crate::parser::Parser::parse) says. An error replaces all items of the call.
    fn parse<'a>(&mut self, data: &'a [u8], timestamp: Option<u64>, items: &mut Items<'a>) -> Result<(), ParseError>;
}

/// Text of an item of one call: in the input, or written by [`Items`]. It cannot outlive the call.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Text<'a> {
    parts: Parts,
    of_call: PhantomData<&'a str>,
}

impl<'a> Text<'a> {
    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }

    pub fn as_str(&self) -> &'a str {
        // SAFETY: it was made of a `str`, which stays where it is as long as the call lasts.
        unsafe { std::str::from_utf8_unchecked(self.parts.bytes()) }
    }

    fn all_parts<'s>(texts: &'s [Text<'a>]) -> &'s [Parts] {
        // SAFETY: the layouts are the same (`repr(transparent)`), and the slice is borrowed for as long.
        unsafe { std::slice::from_raw_parts(texts.as_ptr().cast(), texts.len()) }
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Text { parts: Parts::of(text.as_bytes()), of_call: PhantomData }
    }
}

impl Display for Text<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(formatter)
    }
}

/// A file that was carried in the log.
pub struct Attachment<'a> {
    pub name: Text<'a>,
    /// Bytes, as the log states it; the data may be shorter.
    pub size: u64,
    pub created_date: Option<Text<'a>>,
    pub modified_date: Option<Text<'a>>,
    /// Numbers of the messages that carried it.
    pub messages: &'a [u64],
    pub data: &'a [u8],
}

/// Takes the items of one call. Its memory is that of the call before, so most calls allocate nothing.
pub struct Items<'a> {
    memory: &'a mut Memory,
}

impl<'a> Items<'a> {
    /// How many items were put in.
    pub fn len(&self) -> usize {
        self.memory.records.len()
    }

    pub fn is_empty(&self) -> bool {
        self.memory.records.is_empty()
    }

    /// A message that is one line.
    pub fn line(&mut self, text: impl Into<Text<'a>>, consumed: usize) {
        self.put(Yield::Message(Message::Line(text.into().parts)), consumed);
    }

    /// A message of columns.
    pub fn columns(&mut self, columns: &[Text<'a>], consumed: usize) {
        let columns = self.keep(columns);
        self.put(Yield::Message(columns), consumed);
    }

    /// An attachment without a message.
    pub fn attachment(&mut self, attachment: &Attachment<'a>, consumed: usize) {
        self.put(Yield::Attachment(record_of(attachment)), consumed);
    }

    /// A line with an attachment.
    pub fn line_and_attachment(&mut self, text: impl Into<Text<'a>>, attachment: &Attachment<'a>, consumed: usize) {
        let line = Message::Line(text.into().parts);
        self.put(Yield::MessageAndAttachment(line, record_of(attachment)), consumed);
    }

    /// Columns with an attachment.
    pub fn columns_and_attachment(&mut self, columns: &[Text<'a>], attachment: &Attachment<'a>, consumed: usize) {
        let columns = self.keep(columns);
        self.put(Yield::MessageAndAttachment(columns, record_of(attachment)), consumed);
    }

    /// Bytes of input that are in no item.
    pub fn skipped(&mut self, consumed: usize) {
        self.memory.records.push(Record { value: Optional::None, consumed: consumed as u64 });
    }

    /// Text that is not in the input: `items.write(format_args!("{prefix}{text}"))`.
    pub fn write(&mut self, text: Arguments) -> Text<'a> {
        let mut writer = self.memory.texts.writer();
        // Writing to memory does not fail; a `Display` that says it did has written what it could.
        let _ = writer.write_fmt(text);
        Text { parts: writer.finish(), of_call: PhantomData }
    }

    /// The same for a number, several times as fast.
    pub fn write_number(&mut self, number: u64) -> Text<'a> {
        /// Digits of the largest number.
        const MOST: usize = 20;
        let mut digits = [0; MOST];
        let mut at = MOST;
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        Text { parts: self.memory.texts.keep(&digits[at..]), of_call: PhantomData }
    }

    fn keep(&mut self, columns: &[Text<'a>]) -> Message {
        Message::Columns(self.memory.columns.keep(Text::all_parts(columns)))
    }

    fn put(&mut self, value: Yield, consumed: usize) {
        self.memory.records.push(Record { value: Optional::Some(value), consumed: consumed as u64 });
    }
}

fn record_of(attachment: &Attachment) -> AttachmentRecord {
    AttachmentRecord {
        name: attachment.name.parts,
        size: attachment.size,
        created_date: attachment.created_date.map(|text| text.parts).into(),
        modified_date: attachment.modified_date.map(|text| text.parts).into(),
        messages: Parts::of(attachment.messages),
        data: Parts::of(attachment.data),
    }
}

/// Holds the one parser of a component and its current call; what [`export_borrowing_parser!`](crate::export_borrowing_parser)
/// generates calls it.
#[doc(hidden)]
pub struct Slot<P>(RefCell<State<P>>);

struct State<P> {
    parser: Option<P>,
    /// The input of the call that the host has not finished yet: items point into it.
    data: Vec<u8>,
    memory: Memory,
}

impl<P: BorrowingParser> Slot<P> {
    pub const fn new() -> Self {
        Self(RefCell::new(State { parser: None, data: Vec::new(), memory: Memory::new() }))
    }

    pub fn init(&self, general: ParserConfig, items: Vec<ConfigItem>) -> Result<(), InitError> {
        crate::log::set_level(general.log_level);
        self.0.borrow_mut().parser = Some(P::create(&Config::new(items))?);
        Ok(())
    }

    /// Returns where the result lies, until [`finish`](Self::finish) or the next call.
    pub fn parse(&self, data: Vec<u8>, timestamp: Option<u64>) -> *mut u8 {
        let State { parser, data: held, memory } = &mut *self.0.borrow_mut();
        memory.clear();
        *held = data;
        let outcome = match parser {
            Some(parser) => parser.parse(held, timestamp, &mut Items { memory }),
            None => Err(ParseError::Unrecoverable("the parser was not initialised".into())),
        };
        memory.result(outcome)
    }

    /// The host has read the result.
    pub fn finish(&self) {
        let state = &mut *self.0.borrow_mut();
        state.data = Vec::new();
        state.memory.clear();
    }
}

/// What the generated export macro finds where it expects the generated functions: all of them, but for `parse`.
#[doc(hidden)]
pub mod bindings {
    pub mod exports {
        pub mod chipmunk {
            pub mod parser {
                pub mod parser {
                    pub use crate::parser::bindings::exports::chipmunk::parser::parser::*;

                    /// Implemented by what [`export_borrowing_parser!`](crate::export_borrowing_parser) generates.
                    pub trait RawParse {
                        fn parse(data: Vec<u8>, timestamp: Option<u64>) -> *mut u8;
                        fn finish();
                    }

                    /// # Safety
                    /// The arguments are those of the canonical ABI: the list was allocated by `cabi_realloc`.
                    pub unsafe fn _export_parse_cabi<T: RawParse>(
                        data: *mut u8,
                        length: usize,
                        has_timestamp: i32,
                        timestamp: i64,
                    ) -> *mut u8 {
                        #[cfg(target_arch = "wasm32")]
                        wit_bindgen::rt::run_ctors_once();
                        // SAFETY: as the caller promises. An empty list's address is dangling, which an empty `Vec` takes.
                        let data = unsafe { Vec::from_raw_parts(data, length, length) };
                        T::parse(data, (has_timestamp != 0).then_some(timestamp as u64))
                    }

                    /// # Safety
                    /// None is needed: the signature is the generated one's.
                    pub unsafe fn __post_return_parse<T: RawParse>(_result: *mut u8) {
                        T::finish();
                    }
                }
            }
        }
    }
}

/// Makes a type that implements [`BorrowingParser`] the component's parser.
#[macro_export]
macro_rules! export_borrowing_parser {
    ($parser:ty) => {
        const _: () = {
            use $crate::borrowed::bindings::exports::chipmunk::parser::parser as exported;

            ::std::thread_local! {
                static PARSER: $crate::borrowed::Slot<$parser> = const { $crate::borrowed::Slot::new() };
            }

            struct Exported;

            impl exported::Guest for Exported {
                fn get_version() -> $crate::Version {
                    <$parser as $crate::borrowed::BorrowingParser>::version()
                }
                fn get_config_schemas() -> Vec<$crate::ConfigSchemaItem> {
                    <$parser as $crate::borrowed::BorrowingParser>::config_schemas()
                }
                fn get_render_options() -> $crate::parser::RenderOptions {
                    <$parser as $crate::borrowed::BorrowingParser>::render_options()
                }
                fn init(
                    general: $crate::parser::ParserConfig,
                    items: Vec<$crate::ConfigItem>,
                ) -> Result<(), $crate::InitError> {
                    PARSER.with(|parser| parser.init(general, items))
                }
                fn parse(
                    _data: Vec<u8>,
                    _timestamp: Option<u64>,
                ) -> Result<Vec<$crate::parser::ParseReturn>, $crate::parser::ParseError> {
                    unreachable!("the export calls `RawParse::parse`")
                }
            }

            impl exported::RawParse for Exported {
                fn parse(data: Vec<u8>, timestamp: Option<u64>) -> *mut u8 {
                    PARSER.with(|parser| parser.parse(data, timestamp))
                }
                fn finish() {
                    PARSER.with(|parser| parser.finish())
                }
            }

            $crate::parser::bindings::export!(Exported with_types_in $crate::borrowed::bindings);
        };
    };
}
