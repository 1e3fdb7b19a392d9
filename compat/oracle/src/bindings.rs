//! What wasmtime generates from the project's WIT: the types, a trait for each import, a struct for each world.

pub mod parser {
    wasmtime::component::bindgen!({
        path: ["../../wit/v0.1.0/shared", "../../wit/v0.1.0/parser"],
        world: "chipmunk:parser/parse",
    });
}

pub mod byte_source {
    wasmtime::component::bindgen!({
        path: ["../../wit/v0.1.0/shared", "../../wit/v0.1.0/bytesource"],
        world: "chipmunk:bytesource/bytesource",
        with: {
            "chipmunk:shared/shared-types@0.1.0": super::parser::chipmunk::shared::shared_types,
            "chipmunk:shared/logging@0.1.0": super::parser::chipmunk::shared::logging,
            "chipmunk:shared/sandbox@0.1.0": super::parser::chipmunk::shared::sandbox,
        },
    });
}

pub use parser::chipmunk::parser::parse_types::{ParseError, ParseReturn, ParseYield, ParsedMessage};
pub use parser::chipmunk::shared::logging::Level;
pub use parser::chipmunk::shared::shared_types::{
    ConfigItem, ConfigSchemaItem, ConfigSchemaType, ConfigValue, InitError,
};
