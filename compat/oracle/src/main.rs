//! Runs plugins on wasmtime the way Chipmunk's host does. See README.md for its options.

mod bindings;
mod config;
mod failure;
mod http;
mod input;
mod items;
mod job;
mod options;
mod plugins;
mod producer;
mod world;

use failure::{Failure, Outcome};
use job::Job;
use options::Options;
use plugins::Plugins;
use std::io::{BufRead, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((command, rest)) if command == "ingest" => ingest(rest),
        Some((command, [])) if command == "jobs" => jobs(),
        _ => Err(Failure::new("ERR_USAGE", options::USAGE)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            eprintln!("{}", failure.message);
            ExitCode::from(2)
        }
    }
}

/// Returns whether the run was completed.
fn ingest(arguments: &[String]) -> Outcome<bool> {
    let mut plugins = Plugins::new()?;
    let options = Options::parse(arguments)?;
    let mut sink = options.sink()?;
    let summary = job::run(options.request(&mut sink)?, &mut plugins);
    eprintln!("{}", json(&summary)?);
    Ok(summary.error.is_none())
}

/// Jobs from stdin, one JSON object a line; to each a summary on stdout, in the same order.
fn jobs() -> Outcome<bool> {
    let mut plugins = Plugins::new()?;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| Failure::new("ERR_USAGE", format!("stdin: {error}")))?;
        let job: Job =
            serde_json::from_str(&line).map_err(|error| Failure::new("ERR_USAGE", format!("{error} in {line}")))?;
        let summary = json(&job.run(&mut plugins)?)?;
        // Flushed, so that who waits for it can go on with what was written.
        let written = writeln!(out, "{summary}").and_then(|()| out.flush());
        written.map_err(|error| Failure::new("ERR_USAGE", format!("stdout: {error}")))?;
    }
    Ok(true)
}

fn json(summary: &job::Summary) -> Outcome<String> {
    serde_json::to_string(summary).map_err(|error| Failure::new("ERR_INTERNAL", error.to_string()))
}
