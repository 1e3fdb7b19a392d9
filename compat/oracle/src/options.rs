//! The options of `ingest`, named as those of `chipmunk-host ingest` are.

use crate::config::{BenchFile, GivenConfig, Pair};
use crate::failure::{Failure, Outcome};
use crate::items::Sink;
use crate::job::{BUFFER_BYTES, JobInput, Request};
use crate::producer::Rules;
use crate::world::{Grants, PluginOutput};
use std::collections::BTreeMap;
use std::io::BufWriter;
use std::path::PathBuf;

pub const USAGE: &str = "usage:
  oracle ingest FILE --parser PATH.wasm [options]
  oracle ingest --source PATH.wasm --parser PATH.wasm [options]
  oracle jobs < JOBS

  --config ID=VALUE, --source-config ID=VALUE, --config-file FILE
  --format ndjson|none, --output FILE
  --rules chipmunk|host, --buffer-bytes N
  --env NAME=VALUE, --no-env, --verbose";

#[derive(Default)]
pub struct Options {
    file: Option<PathBuf>,
    parser: Option<PathBuf>,
    source: Option<PathBuf>,
    config: GivenConfig,
    source_config: GivenConfig,
    counts_only: bool,
    output: Option<PathBuf>,
    rules: Rules,
    buffer_bytes: Option<usize>,
    environment: Option<BTreeMap<String, String>>,
    verbose: bool,
}

impl Options {
    pub fn parse(arguments: &[String]) -> Outcome<Self> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| usage(format!("{argument} needs a value")));
            match argument.as_str() {
                "--parser" => options.parser = Some(value()?.into()),
                "--source" => options.source = Some(value()?.into()),
                "--config" => options.config.texts.push(pair(value()?)?),
                "--source-config" => options.source_config.texts.push(pair(value()?)?),
                "--config-file" => {
                    let mut file = BenchFile::read(value()?.as_ref())?;
                    options.parser = options.parser.or(file.binary_path.take());
                    options.config.values.extend(file.values());
                }
                "--format" => match value()?.as_str() {
                    "ndjson" => options.counts_only = false,
                    "none" => options.counts_only = true,
                    other => return Err(usage(format!("unknown format '{other}'"))),
                },
                "--output" => options.output = Some(value()?.into()),
                "--rules" => match value()?.as_str() {
                    "chipmunk" => options.rules = Rules::Chipmunk,
                    "host" => options.rules = Rules::Host,
                    other => return Err(usage(format!("unknown rules '{other}'"))),
                },
                "--buffer-bytes" => match value()?.parse() {
                    Ok(bytes) if bytes > 0 => options.buffer_bytes = Some(bytes),
                    _ => return Err(usage("--buffer-bytes needs a number of bytes".to_string())),
                },
                "--env" => {
                    let (name, text) = pair(value()?)?;
                    options.environment.get_or_insert_default().insert(name, text);
                }
                "--no-env" => options.environment = Some(options.environment.unwrap_or_default()),
                "--verbose" => options.verbose = true,
                option if option.starts_with('-') => return Err(usage(format!("unknown option '{option}'"))),
                file if options.file.is_none() => options.file = Some(file.into()),
                file => return Err(usage(format!("one file is enough, '{file}' is too much"))),
            }
        }
        Ok(options)
    }

    pub fn sink(&self) -> Outcome<Sink> {
        match &self.output {
            None if !self.counts_only => Ok(Sink::Ndjson(Box::new(BufWriter::new(std::io::stdout().lock())))),
            path => Sink::create(path.as_deref()),
        }
    }

    pub fn request(self, sink: &mut Sink) -> Outcome<Request<'_>> {
        Ok(Request {
            parser: self.parser.ok_or_else(|| usage("--parser is needed".to_string()))?,
            config: self.config,
            input: JobInput::new(self.file, self.source)?,
            source_config: self.source_config,
            rules: self.rules,
            buffer_bytes: self.buffer_bytes.unwrap_or(BUFFER_BYTES),
            grants: Grants {
                environment: self.environment,
                output: if self.verbose { PluginOutput::Stderr } else { PluginOutput::Nowhere },
            },
            sink,
        })
    }
}

fn pair(text: &str) -> Outcome<Pair> {
    match text.split_once('=') {
        Some((id, value)) if !id.is_empty() => Ok((id.to_string(), value.to_string())),
        _ => Err(usage(format!("expected 'id=value', got '{text}'"))),
    }
}

fn usage(what: String) -> Failure {
    Failure::new("ERR_USAGE", format!("{what}\n{USAGE}"))
}
