//! Chipmunk plugins in Rust: implement [`parser::Parser`] or [`bytesource::ByteSource`] and export the type with
//! [`export_parser!`] or [`export_byte_source!`]. See README.md for a whole plugin.

pub mod borrowed;
pub mod bytesource;
pub mod config;
pub mod log;
pub mod parser;
mod records;
pub mod sandbox;
pub mod text;

pub use config::{Config, Schema};
pub use shared::chipmunk::shared::logging::Level;
pub use shared::chipmunk::shared::shared_types::{
    ConfigItem, ConfigSchemaItem, ConfigSchemaType, ConfigValue, InitError, Version,
};

/// What parsers and byte-sources have in common, as generated from the WIT.
#[doc(hidden)]
pub mod shared {
    wit_bindgen::generate!({
        path: "../../../../wit/v0.1.0/shared",
        world: "chipmunk:shared/bindings",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq, Clone],
        runtime_path: "::wit_bindgen::rt",
    });
}

/// The version of a plugin, from the version of its crate.
#[macro_export]
macro_rules! crate_version {
    () => {
        $crate::Version {
            major: $crate::version_part(env!("CARGO_PKG_VERSION_MAJOR")),
            minor: $crate::version_part(env!("CARGO_PKG_VERSION_MINOR")),
            patch: $crate::version_part(env!("CARGO_PKG_VERSION_PATCH")),
        }
    };
}

/// Cargo lets through digits only; what is more than the interface can say becomes the most that it can.
#[doc(hidden)]
pub fn version_part(digits: &str) -> u16 {
    digits.parse().unwrap_or(u16::MAX)
}
