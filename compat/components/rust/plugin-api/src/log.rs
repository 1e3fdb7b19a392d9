//! The host's log. A message below the host's level is not even formatted.

use crate::Level;
use crate::shared::chipmunk::shared::logging;
use std::cell::Cell;
use std::fmt::Arguments;

thread_local! {
    // Until the host has said, everything is passed on, and the host drops what it does not want.
    static MOST: Cell<Level> = const { Cell::new(Level::Trace) };
}

pub(crate) fn set_level(level: Level) {
    MOST.set(level);
}

/// Whether the host wants messages of this level.
pub fn enabled(level: Level) -> bool {
    level as u8 <= MOST.get() as u8
}

/// Logs a message; use the macros.
pub fn write(level: Level, message: Arguments) {
    if enabled(level) {
        logging::log(level, &message.to_string());
    }
}

#[macro_export]
macro_rules! error { ($($part:tt)*) => { $crate::log::write($crate::Level::Error, format_args!($($part)*)) }; }
#[macro_export]
macro_rules! warn { ($($part:tt)*) => { $crate::log::write($crate::Level::Warn, format_args!($($part)*)) }; }
#[macro_export]
macro_rules! info { ($($part:tt)*) => { $crate::log::write($crate::Level::Info, format_args!($($part)*)) }; }
#[macro_export]
macro_rules! debug { ($($part:tt)*) => { $crate::log::write($crate::Level::Debug, format_args!($($part)*)) }; }
#[macro_export]
macro_rules! trace { ($($part:tt)*) => { $crate::log::write($crate::Level::Trace, format_args!($($part)*)) }; }
