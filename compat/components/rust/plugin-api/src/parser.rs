//! Plugins that turn bytes into log items.

use crate::{Config, ConfigItem, ConfigSchemaItem, InitError, Level, Version};
use std::cell::RefCell;

pub use bindings::chipmunk::parser::parse_types::{
    Attachment, ColumnInfo, ColumnsRenderOptions, ParseError, ParseReturn, ParseYield, ParsedMessage, ParserConfig,
    RenderOptions,
};

/// What is generated from the WIT.
#[doc(hidden)]
pub mod bindings {
    wit_bindgen::generate!({
        path: ["../../../../wit/v0.1.0/shared", "../../../../wit/v0.1.0/parser"],
        world: "chipmunk:parser/parse",
        with: {
            "chipmunk:shared/shared-types@0.1.0": crate::shared::chipmunk::shared::shared_types,
            "chipmunk:shared/logging@0.1.0": crate::shared::chipmunk::shared::logging,
            "chipmunk:shared/sandbox@0.1.0": crate::shared::chipmunk::shared::sandbox,
        },
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "plugin_api::parser::bindings",
        additional_derives: [PartialEq, Clone],
        runtime_path: "::wit_bindgen::rt",
    });
}

/// A parser. The host makes one with a configuration and gives it the input slice by slice.
pub trait Parser: Sized {
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

    /// The items at the beginning of `data`, in order. What none of them consumes begins the next slice, which is longer, unless
    /// the input has ended: then exactly the rest is passed once more. No items mean that more input is needed.
    fn parse(&mut self, data: &[u8], timestamp: Option<u64>) -> Result<Vec<ParseReturn>, ParseError>;
}

/// One item, and how many bytes of input it used up.
pub fn line(text: impl Into<String>, consumed: usize) -> ParseReturn {
    message(ParsedMessage::Line(text.into()), consumed)
}

/// One item of several columns.
pub fn columns(values: Vec<String>, consumed: usize) -> ParseReturn {
    message(ParsedMessage::Columns(values), consumed)
}

/// Any message.
pub fn message(message: ParsedMessage, consumed: usize) -> ParseReturn {
    ParseReturn { value: Some(ParseYield::Message(message)), consumed: consumed as u64 }
}

/// Bytes of input that are in no item.
pub fn skipped(consumed: usize) -> ParseReturn {
    ParseReturn { value: None, consumed: consumed as u64 }
}

/// Columns as wide as given, by caption; a negative width takes what is left.
pub fn column_options(columns: &[(&str, i16)], min_width: u16, max_width: u16) -> RenderOptions {
    let columns = columns
        .iter()
        .map(|(caption, width)| ColumnInfo { caption: caption.to_string(), description: String::new(), width: *width })
        .collect();
    RenderOptions { columns_options: Some(ColumnsRenderOptions { columns, min_width, max_width }) }
}

/// Holds the one parser of a component; what [`export_parser!`](crate::export_parser) generates calls it.
#[doc(hidden)]
pub struct Slot<P>(pub RefCell<Option<P>>);

impl<P: Parser> Slot<P> {
    pub const fn new() -> Self {
        Self(RefCell::new(None))
    }

    pub fn init(&self, general: ParserConfig, items: Vec<ConfigItem>) -> Result<(), InitError> {
        crate::log::set_level(general.log_level);
        *self.0.borrow_mut() = Some(P::create(&Config::new(items))?);
        Ok(())
    }

    pub fn parse(&self, data: &[u8], timestamp: Option<u64>) -> Result<Vec<ParseReturn>, ParseError> {
        match self.0.borrow_mut().as_mut() {
            Some(parser) => parser.parse(data, timestamp),
            None => Err(ParseError::Unrecoverable("the parser was not initialised".into())),
        }
    }
}

/// Of the host's log, for macros.
#[doc(hidden)]
pub type LogLevel = Level;

/// Makes a type that implements [`Parser`] the component's parser.
#[macro_export]
macro_rules! export_parser {
    ($parser:ty) => {
        const _: () = {
            use $crate::parser::bindings::exports::chipmunk::parser::parser as exported;

            ::std::thread_local! {
                static PARSER: $crate::parser::Slot<$parser> = const { $crate::parser::Slot::new() };
            }

            struct Exported;

            impl exported::Guest for Exported {
                fn get_version() -> $crate::Version {
                    <$parser as $crate::parser::Parser>::version()
                }
                fn get_config_schemas() -> Vec<$crate::ConfigSchemaItem> {
                    <$parser as $crate::parser::Parser>::config_schemas()
                }
                fn get_render_options() -> $crate::parser::RenderOptions {
                    <$parser as $crate::parser::Parser>::render_options()
                }
                fn init(
                    general: $crate::parser::ParserConfig,
                    items: Vec<$crate::ConfigItem>,
                ) -> Result<(), $crate::InitError> {
                    PARSER.with(|parser| parser.init(general, items))
                }
                fn parse(
                    data: Vec<u8>,
                    timestamp: Option<u64>,
                ) -> Result<Vec<$crate::parser::ParseReturn>, $crate::parser::ParseError> {
                    PARSER.with(|parser| parser.parse(&data, timestamp))
                }
            }

            $crate::parser::bindings::export!(Exported with_types_in $crate::parser::bindings);
        };
    };
}
