//! Acts by name. A line is the name and its arguments, divided by `|`; `$TEMP` in an argument is the temporary directory.

use crate::{files, machine};
use plugin_api::{debug, error, info, sandbox, trace, warn};

pub fn act(line: &str) -> String {
    let mut parts = line.split('|');
    let name = parts.next().unwrap_or_default();
    let arguments: Vec<String> = parts.map(with_temp).collect();
    let first = arguments.first().map(String::as_str).unwrap_or_default();
    let second = arguments.get(1).map(String::as_str).unwrap_or_default();
    match name {
        "environment" => machine::environment(),
        "arguments" => machine::arguments(),
        "directory" => machine::current_directory(),
        "wall-clock" => machine::wall_clock(),
        "monotonic-clock" => machine::monotonic_clock(),
        "sleep" => machine::sleep(first),
        "time-zone" => machine::time_zone(),
        "random" => machine::random(),
        "stdin" => machine::stdin(),
        "connect" => machine::connect(first),
        "listen" => machine::listen(first),
        "resolve" => machine::resolve(first),
        "thread" => machine::thread(),
        "temp" => sandbox::temp_directory().map_or_else(|error| format!("{error:?}"), |path| path.display().to_string()),
        "list" => files::list(first),
        "stat" => files::stat(first),
        "read" => files::read(first),
        "write" => files::write(first, second),
        "append" => files::append(first, second),
        "create-directory" => files::create_directory(first),
        "remove" => files::remove(first),
        "remove-directory" => files::remove_directory(first),
        "rename" => files::rename(first, second),
        "link" => files::link(first, second),
        "symlink" => files::symlink(first, second),
        "fill" => files::fill(first, second),
        "hold" => files::hold(first, second),
        "stdout" => done(|| println!("{first}")),
        "stderr" => done(|| eprintln!("{first}")),
        "log" => done(|| log(first, second)),
        "panic" => panic!("{first}"),
        "exit" => std::process::exit(first.parse().unwrap_or(1)),
        "abort" => std::process::abort(),
        "out-of-memory" => machine::out_of_memory(),
        "stack-overflow" => machine::stack_overflow(0).to_string(),
        _ => line.into(),
    }
}

fn with_temp(argument: &str) -> String {
    if !argument.contains("$TEMP") {
        return argument.into();
    }
    match sandbox::temp_directory() {
        Ok(path) => argument.replace("$TEMP", &path.display().to_string()),
        Err(error) => format!("{error:?}"),
    }
}

fn done(action: impl FnOnce()) -> String {
    action();
    "done".into()
}

fn log(level: &str, text: &str) {
    match level {
        "error" => error!("{text}"),
        "warn" => warn!("{text}"),
        "info" => info!("{text}"),
        "debug" => debug!("{text}"),
        _ => trace!("{text}"),
    }
}
