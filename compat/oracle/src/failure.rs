//! Why a run failed, under the codes that this project's host gives the same failures.

use crate::bindings::InitError;
use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    pub code: &'static str,
    /// The plugin's own words, where it said any.
    pub message: String,
    /// With what a plugin left that called `exit`.
    #[serde(rename = "exitCode", skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

pub type Outcome<Value> = Result<Value, Failure>;

impl Failure {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), exit_code: None }
    }

    pub fn unrecoverable(message: impl Into<String>) -> Self {
        Self::new("ERR_PLUGIN_UNRECOVERABLE", message)
    }

    pub fn contract(message: impl Into<String>) -> Self {
        Self::new("ERR_PLUGIN_CONTRACT", message)
    }

    pub fn init(error: InitError) -> Self {
        let (message, case) = match error {
            InitError::Config(message) => (message, "config"),
            InitError::Io(message) => (message, "io"),
            InitError::Unsupported(message) => (message, "unsupported"),
            InitError::Other(message) => (message, "other"),
        };
        Self::new("ERR_PLUGIN_INIT", format!("{message} ({case})"))
    }

    /// What a call of a plugin came to that did not return. What is neither a trap nor an exit is a result that could not
    /// be lifted, and the plugin's breach of contract.
    pub fn call(error: wasmtime::Error) -> Self {
        if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
            return Self { exit_code: Some(exit.0), ..Self::new("ERR_PLUGIN_TRAP", format!("exit({})", exit.0)) };
        }
        match error.downcast_ref::<wasmtime::Trap>() {
            Some(trap) => Self::new("ERR_PLUGIN_TRAP", trap.to_string()),
            None => Self::contract(format!("{error:#}")),
        }
    }

    pub fn file(path: &std::path::Path, error: std::io::Error) -> Self {
        Self::new("ERR_SOURCE_OPEN", format!("{}: {error}", path.display()))
    }
}
