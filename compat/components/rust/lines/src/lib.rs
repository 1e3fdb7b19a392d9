//! Text lines in two columns, length and text. It takes a configuration of every type, and uses everything that the host
//! offers a parser: log, stdout, stderr, files and the temporary directory.

use plugin_api::config::Describe;
use plugin_api::parser::{ParseError, ParseReturn, Parser, RenderOptions, column_options, columns, line, skipped};
use plugin_api::{Config, ConfigSchemaItem, InitError, Schema, Version, crate_version};
use plugin_api::{debug, error, info, trace, warn};
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Of one call: they and their texts must fit into the plugin's memory beside the input.
pub(crate) const MOST_ITEMS: usize = 65_536;

pub(crate) struct Lines {
    pub(crate) lossy: bool,
    pub(crate) prefix: String,
    pub(crate) first_number: i32,
    pub(crate) factor: f32,
    pub(crate) ending: u8,
    pub(crate) chatter: Chatter,
    /// Lines that are not shown.
    pub(crate) hidden: HashSet<Vec<u8>>,
    /// Bytes that the last call left.
    pub(crate) left: usize,
    pub(crate) number: i64,
    pub(crate) calls: u64,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Chatter {
    Silent,
    Start,
    Calls,
}

impl Parser for Lines {
    fn version() -> Version {
        crate_version!()
    }

    fn config_schemas() -> Vec<ConfigSchemaItem> {
        vec![
            Schema::boolean("lossy", "Show invalid text", true)
                .describe("Show lines that are not UTF-8 with U+FFFD for what is invalid; otherwise they are skipped"),
            Schema::text("prefix", "Prefix", "").describe("Put before each line"),
            Schema::integer("first-number", "First number", 0)
                .describe("Lines are numbered from here, if it is not 0"),
            Schema::float("factor", "Factor", 1.0).describe("The length is multiplied with it"),
            Schema::dropdown("ending", "Line ending", &["LF", "NUL"], "LF"),
            Schema::files("hidden", "Hidden lines", &["txt"]).describe("Files with lines that are not shown"),
            Schema::directories("hidden-in", "Directories of hidden lines"),
            Schema::dropdown("chatter", "Chatter", &["silent", "start", "calls"], "start")
                .describe("When the plugin prints and logs"),
        ]
    }

    fn render_options() -> RenderOptions {
        column_options(&[("Length", 50), ("Text", -1)], 30, 600)
    }

    fn create(config: &Config) -> Result<Self, InitError> {
        let chatter = match config.dropdown("chatter")? {
            "silent" => Chatter::Silent,
            "start" => Chatter::Start,
            _ => Chatter::Calls,
        };
        let mut lines = Lines {
            lossy: config.boolean("lossy")?,
            prefix: config.text("prefix")?.into(),
            first_number: config.integer("first-number")?,
            factor: config.float("factor")?,
            ending: if config.dropdown("ending")? == "NUL" { 0 } else { b'\n' },
            chatter,
            hidden: HashSet::new(),
            left: 0,
            number: 0,
            calls: 0,
        };
        for path in config.files("hidden")? {
            lines.hide(Path::new(path))?;
        }
        for directory in config.directories("hidden-in")? {
            lines.hide_all(directory)?;
        }
        if chatter != Chatter::Silent {
            lines.introduce(config)?;
        }
        Ok(lines)
    }

    fn parse(&mut self, data: &[u8], _timestamp: Option<u64>) -> Result<Vec<ParseReturn>, ParseError> {
        self.calls += 1;
        if self.chatter == Chatter::Calls {
            println!("call {} has {} bytes", self.calls, data.len());
            info!("call {}", self.calls);
        }
        let mut items = Vec::new();
        let mut at = 0;
        while items.len() < MOST_ITEMS
            && let Some(length) = data[at..].iter().position(|byte| *byte == self.ending) {
            items.push(self.item(&data[at..at + length], length + 1));
            at += length + 1;
        }
        let left = data.len() - at;
        // What was left comes again and is no longer: the input has ended, and this is the last line.
        if at == 0 && left == self.left && left > 0 {
            items.push(self.item(data, left));
            self.left = 0;
        } else {
            self.left = if items.len() < MOST_ITEMS { left } else { 0 };
        }
        Ok(items)
    }
}

impl Lines {
    fn item(&mut self, text: &[u8], consumed: usize) -> ParseReturn {
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if self.hidden.contains(text) {
            return skipped(consumed);
        }
        let shown = match std::str::from_utf8(text) {
            Ok(text) => text.into(),
            Err(_) if self.lossy => String::from_utf8_lossy(text),
            Err(_) => return skipped(consumed),
        };
        let length = if self.factor == 1.0 {
            text.len().to_string()
        } else {
            (text.len() as f32 * self.factor).to_string()
        };
        let text = format!("{}{shown}", self.prefix);
        if self.first_number == 0 {
            return columns(vec![length, text], consumed);
        }
        let number = i64::from(self.first_number) + self.number;
        self.number += 1;
        // A message that has no columns: hosts must take both from one plugin.
        if text.is_empty() { line(format!("{number}"), consumed) } else { columns(vec![length, format!("{number}: {text}")], consumed) }
    }

    fn hide(&mut self, path: &Path) -> Result<(), InitError> {
        let content = fs::read(path).map_err(|error| InitError::Io(format!("cannot read '{}': {error}", path.display())))?;
        self.hidden.extend(content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec));
        Ok(())
    }

    fn hide_all(&mut self, directory: &str) -> Result<(), InitError> {
        let cannot = |error| InitError::Io(format!("cannot list '{directory}': {error}"));
        for entry in fs::read_dir(directory).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            if path.is_file() {
                self.hide(&path)?;
            }
        }
        Ok(())
    }

    /// Says what it was given in every way that there is.
    fn introduce(&self, config: &Config) -> Result<(), InitError> {
        for item in config.items() {
            println!("{} = {:?}", item.id, item.value);
        }
        eprintln!("{} lines are hidden", self.hidden.len());
        error!("this is how an error looks");
        warn!("this is how a warning looks");
        info!("this is how information looks");
        debug!("this is how a debug message looks");
        trace!("this is how a trace looks");
        let directory = plugin_api::sandbox::temp_directory()?;
        let path = directory.join("lines.tmp");
        let io = |error| InitError::Io(format!("cannot use '{}': {error}", path.display()));
        fs::write(&path, "written by lines").map_err(io)?;
        println!("temporary file: {}", fs::read_to_string(&path).map_err(io)?);
        fs::remove_file(&path).map_err(io)
    }
}

#[cfg(not(feature = "borrowed"))]
plugin_api::export_parser!(Lines);
