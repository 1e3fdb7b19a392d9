//! One run of a parser over one input, and its account.

use crate::config::{GivenConfig, Pair};
use crate::failure::{Failure, Outcome};
use crate::input::{Input, Reader};
use crate::items::Sink;
use crate::plugins::{ByteSource, Parser, Plugins};
use crate::producer::{Producer, Rules, Totals};
use crate::world::{Grants, PluginOutput};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What Chipmunk's reader holds, and this project's default window.
pub const BUFFER_BYTES: usize = 10 * 1024 * 1024;

/// A line of a list of jobs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Job {
    #[serde(default)]
    pub id: String,
    pub parser: PathBuf,
    #[serde(default)]
    pub config: Vec<Pair>,
    /// What is parsed: a file, or what a byte-source plugin delivers.
    #[serde(default)]
    pub file: Option<PathBuf>,
    #[serde(default)]
    pub source: Option<PathBuf>,
    #[serde(default)]
    pub source_config: Vec<Pair>,
    #[serde(default)]
    pub rules: Rules,
    /// Bytes of Chipmunk's buffer, or of the host's window.
    #[serde(default)]
    pub buffer_bytes: Option<usize>,
    /// Default: the whole environment.
    #[serde(default)]
    pub environment: Option<BTreeMap<String, String>>,
    /// Where the items go, as lines of JSON. Default: they are counted and dropped.
    #[serde(default)]
    pub output: Option<PathBuf>,
}

pub enum JobInput {
    File(PathBuf),
    /// A byte-source plugin.
    Source(PathBuf),
}

impl JobInput {
    pub fn new(file: Option<PathBuf>, source: Option<PathBuf>) -> Outcome<Self> {
        match (file, source) {
            (Some(file), None) => Ok(Self::File(file)),
            (None, Some(source)) => Ok(Self::Source(source)),
            _ => Err(Failure::new("ERR_USAGE", "a file or a source is needed, and not both")),
        }
    }
}

/// A run that is ready to start.
pub struct Request<'a> {
    pub parser: PathBuf,
    pub config: GivenConfig,
    pub input: JobInput,
    pub source_config: GivenConfig,
    pub rules: Rules,
    pub buffer_bytes: usize,
    pub grants: Grants,
    pub sink: &'a mut Sink,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// Bytes of input that are accounted for, as items or as skipped.
    pub bytes: u64,
    pub items: u64,
    pub skipped_bytes: u64,
    /// To compile the plugins; 0 when that was done before.
    pub compile_ms: f64,
    /// To instantiate and initialise them.
    pub start_ms: f64,
    /// To read, parse and write.
    pub duration_ms: f64,
    pub bytes_per_second: u64,
}

#[derive(Default)]
struct Times {
    compile: Duration,
    start: Duration,
    run: Duration,
}

impl Job {
    pub fn run(self, plugins: &mut Plugins) -> Outcome<Summary> {
        let mut sink = Sink::create(self.output.as_deref())?;
        let texts = |texts| GivenConfig { texts, values: Vec::new() };
        let request = Request {
            parser: self.parser,
            config: texts(self.config),
            input: JobInput::new(self.file, self.source)?,
            source_config: texts(self.source_config),
            rules: self.rules,
            buffer_bytes: self.buffer_bytes.unwrap_or(BUFFER_BYTES),
            grants: Grants { environment: self.environment, output: PluginOutput::Nowhere },
            sink: &mut sink,
        };
        Ok(Summary { id: self.id, ..run(request, plugins) })
    }
}

pub fn run(request: Request, plugins: &mut Plugins) -> Summary {
    let mut times = Times::default();
    let (rules, buffer_bytes) = (request.rules, request.buffer_bytes);
    let mut producer = match start(request, plugins, &mut times) {
        Ok(producer) => producer,
        Err(failure) => return summary(Err(failure), Totals::default(), 0, times),
    };
    let started = Instant::now();
    let mut outcome = producer.run(rules, buffer_bytes);
    if let Err(error) = producer.sink.finish() {
        outcome = outcome.and(Err(Failure::new("ERR_INTERNAL", format!("output: {error}"))));
    }
    times.run = started.elapsed();
    let Producer { totals, input, .. } = producer;
    summary(outcome, totals, input.offset, times)
}

fn start<'a>(request: Request<'a>, plugins: &mut Plugins, times: &mut Times) -> Outcome<Producer<'a>> {
    let started = Instant::now();
    plugins.get(&request.parser)?;
    if let JobInput::Source(path) = &request.input {
        plugins.get(path)?;
    }
    times.compile = started.elapsed();
    let started = Instant::now();
    let reader = match &request.input {
        JobInput::File(path) => Reader::open(path)?,
        JobInput::Source(path) => {
            Reader::Plugin(Box::new(ByteSource::start(plugins, path, &request.source_config, &request.grants)?))
        }
    };
    let parser = Parser::start(plugins, &request.parser, &request.config, &request.grants)?;
    times.start = started.elapsed();
    Ok(Producer::new(parser, Input::new(reader, request.buffer_bytes), request.sink))
}

fn summary(outcome: Outcome<()>, totals: Totals, bytes: u64, times: Times) -> Summary {
    let milliseconds = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
    Summary {
        id: String::new(),
        status: if outcome.is_ok() { "completed" } else { "failed" },
        error: outcome.err(),
        bytes,
        items: totals.items,
        skipped_bytes: totals.skipped_bytes,
        compile_ms: milliseconds(times.compile),
        start_ms: milliseconds(times.start),
        duration_ms: milliseconds(times.run),
        bytes_per_second: if times.run.is_zero() { 0 } else { (bytes as f64 / times.run.as_secs_f64()) as u64 },
    }
}
