//! Does one thing with the world around it for each line that it gets, and tells what came of it: what a plugin can see of the
//! machine, and what becomes of one that panics, exits or runs out of memory. As a parser it takes the lines from its input, one
//! a call; as a byte-source from its configuration, one a `read`.

mod acts;
mod files;
mod machine;

use plugin_api::config::Describe;
use plugin_api::{Config, ConfigSchemaItem, InitError, Schema};

pub(crate) fn schemas() -> Vec<ConfigSchemaItem> {
    vec![
        Schema::text("at-start", "Acts at the start", "").describe("Lines; what comes of them is printed"),
        Schema::files("files", "Files", &[]),
        Schema::directories("directories", "Directories"),
    ]
}

/// Does what is configured for the start.
pub(crate) fn start(config: &Config) -> Result<(), InitError> {
    for line in config.text("at-start")?.lines() {
        println!("{line}: {}", acts::act(line));
    }
    Ok(())
}

#[cfg(feature = "parser")]
mod as_parser {
    use crate::acts::act;
    use plugin_api::parser::{ParseError, ParseReturn, Parser, RenderOptions, column_options, columns};
    use plugin_api::{Config, ConfigSchemaItem, InitError, Version, crate_version};

    struct SelfTest;

    impl Parser for SelfTest {
        fn version() -> Version {
            crate_version!()
        }

        fn config_schemas() -> Vec<ConfigSchemaItem> {
            crate::schemas()
        }

        fn render_options() -> RenderOptions {
            column_options(&[("Act", 100), ("Outcome", -1)], 0, 0)
        }

        fn create(config: &Config) -> Result<Self, InitError> {
            crate::start(config)?;
            Ok(SelfTest)
        }

        fn parse(&mut self, data: &[u8], _timestamp: Option<u64>) -> Result<Vec<ParseReturn>, ParseError> {
            let Some(length) = data.iter().position(|byte| *byte == b'\n') else {
                return Err(ParseError::Incomplete);
            };
            let line = String::from_utf8_lossy(&data[..length]).into_owned();
            let outcome = act(&line);
            Ok(vec![columns(vec![line, outcome], length + 1)])
        }
    }

    plugin_api::export_parser!(SelfTest);
}

#[cfg(feature = "source")]
mod as_source {
    use crate::acts::act;
    use plugin_api::bytesource::{ByteSource, SourceError};
    use plugin_api::{Config, ConfigSchemaItem, InitError, Schema, Version, crate_version};

    struct SelfTest {
        /// The last one first.
        lines: Vec<String>,
    }

    impl ByteSource for SelfTest {
        fn version() -> Version {
            crate_version!()
        }

        fn config_schemas() -> Vec<ConfigSchemaItem> {
            let mut schemas = crate::schemas();
            schemas.push(Schema::text("acts", "Acts", ""));
            schemas
        }

        fn create(config: &Config) -> Result<Self, InitError> {
            crate::start(config)?;
            Ok(SelfTest { lines: config.text("acts")?.lines().rev().map(str::to_string).collect() })
        }

        /// One act a call, however few bytes are asked for: its outcome must fit.
        fn read(&mut self, length: usize) -> Result<Vec<u8>, SourceError> {
            let Some(line) = self.lines.pop() else { return Ok(Vec::new()) };
            let text = format!("{line}: {}\n", act(&line));
            if text.len() > length {
                return Err(SourceError::Other(format!("the outcome has {} bytes, {length} were asked for", text.len())));
            }
            Ok(text.into_bytes())
        }
    }

    plugin_api::export_byte_source!(SelfTest);
}
