//! Plugins that deliver bytes.

use crate::{Config, ConfigItem, ConfigSchemaItem, InitError, Version};
use std::cell::RefCell;

pub use bindings::chipmunk::bytesource::bytesource_types::{SourceConfig, SourceError};

/// What is generated from the WIT.
#[doc(hidden)]
pub mod bindings {
    wit_bindgen::generate!({
        path: ["../../../../wit/v0.1.0/shared", "../../../../wit/v0.1.0/bytesource"],
        world: "chipmunk:bytesource/bytesource",
        with: {
            "chipmunk:shared/shared-types@0.1.0": crate::shared::chipmunk::shared::shared_types,
            "chipmunk:shared/logging@0.1.0": crate::shared::chipmunk::shared::logging,
            "chipmunk:shared/sandbox@0.1.0": crate::shared::chipmunk::shared::sandbox,
        },
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "plugin_api::bytesource::bindings",
        additional_derives: [PartialEq, Clone],
        runtime_path: "::wit_bindgen::rt",
    });
}

/// A byte-source. The host makes one with a configuration and reads it to its end.
pub trait ByteSource: Sized {
    fn version() -> Version;

    /// What the user can configure. Default: nothing.
    fn config_schemas() -> Vec<ConfigSchemaItem> {
        Vec::new()
    }

    fn create(config: &Config) -> Result<Self, InitError>;

    /// The next bytes, at most `length`; none at the end.
    fn read(&mut self, length: usize) -> Result<Vec<u8>, SourceError>;
}

/// Holds the one byte-source of a component; what [`export_byte_source!`](crate::export_byte_source) generates calls it.
#[doc(hidden)]
pub struct Slot<S>(pub RefCell<Option<S>>);

impl<S: ByteSource> Slot<S> {
    pub const fn new() -> Self {
        Self(RefCell::new(None))
    }

    pub fn init(&self, general: SourceConfig, items: Vec<ConfigItem>) -> Result<(), InitError> {
        crate::log::set_level(general.log_level);
        *self.0.borrow_mut() = Some(S::create(&Config::new(items))?);
        Ok(())
    }

    pub fn read(&self, length: u64) -> Result<Vec<u8>, SourceError> {
        match self.0.borrow_mut().as_mut() {
            Some(source) => source.read(usize::try_from(length).unwrap_or(usize::MAX)),
            None => Err(SourceError::Other("the byte-source was not initialised".into())),
        }
    }
}

/// Makes a type that implements [`ByteSource`] the component's byte-source.
#[macro_export]
macro_rules! export_byte_source {
    ($source:ty) => {
        const _: () = {
            use $crate::bytesource::bindings::exports::chipmunk::bytesource::byte_source as exported;

            ::std::thread_local! {
                static SOURCE: $crate::bytesource::Slot<$source> = const { $crate::bytesource::Slot::new() };
            }

            struct Exported;

            impl exported::Guest for Exported {
                fn get_version() -> $crate::Version {
                    <$source as $crate::bytesource::ByteSource>::version()
                }
                fn get_config_schemas() -> Vec<$crate::ConfigSchemaItem> {
                    <$source as $crate::bytesource::ByteSource>::config_schemas()
                }
                fn init(
                    general: $crate::bytesource::SourceConfig,
                    items: Vec<$crate::ConfigItem>,
                ) -> Result<(), $crate::InitError> {
                    SOURCE.with(|source| source.init(general, items))
                }
                fn read(length: u64) -> Result<Vec<u8>, $crate::bytesource::SourceError> {
                    SOURCE.with(|source| source.read(length))
                }
            }

            $crate::bytesource::bindings::export!(Exported with_types_in $crate::bytesource::bindings);
        };
    };
}
