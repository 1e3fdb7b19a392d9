//! Components, compiled once each, and instances of them that have been initialised.

use crate::bindings::byte_source::chipmunk::bytesource::bytesource_types::{SourceConfig, SourceError};
use crate::bindings::byte_source::{Bytesource, BytesourcePre};
use crate::bindings::parser::chipmunk::parser::parse_types::ParserConfig;
use crate::bindings::parser::{Parse, ParsePre};
use crate::bindings::{ConfigSchemaItem, Level, ParseError, ParseReturn};
use crate::config::GivenConfig;
use crate::failure::{Failure, Outcome};
use crate::http;
use crate::world::{Grants, World};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Store};

const PARSER_EXPORT: &str = "chipmunk:parser/parser@0.1.0";
const BYTE_SOURCE_EXPORT: &str = "chipmunk:bytesource/byte-source@0.1.0";

#[derive(Clone)]
enum Exported {
    Parser(ParsePre<World>),
    ByteSource(BytesourcePre<World>),
}

/// A component that is ready to be instantiated.
#[derive(Clone)]
pub struct Plugin {
    world: Exported,
    schemas: Vec<ConfigSchemaItem>,
    /// How many columns its render options name.
    columns: usize,
}

/// All components that were used so far.
pub struct Plugins {
    engine: Engine,
    known: HashMap<PathBuf, Outcome<Plugin>>,
}

impl Plugins {
    pub fn new() -> Outcome<Self> {
        let engine = Engine::new(&wasmtime::Config::new())
            .map_err(|error| Failure::new("ERR_INTERNAL", format!("{error:#}")))?;
        Ok(Self { engine, known: HashMap::new() })
    }

    pub fn get(&mut self, path: &Path) -> Outcome<Plugin> {
        if !self.known.contains_key(path) {
            let plugin = self.load(path);
            self.known.insert(path.to_path_buf(), plugin);
        }
        self.known[path].clone()
    }

    fn load(&self, path: &Path) -> Outcome<Plugin> {
        let invalid =
            |error: wasmtime::Error| Failure::new("ERR_PLUGIN_INVALID", format!("{}: {error:#}", path.display()));
        let bytes = std::fs::read(path)
            .map_err(|error| Failure::new("ERR_PLUGIN_NOT_FOUND", format!("{}: {error}", path.display())))?;
        let component = Component::new(&self.engine, bytes).map_err(invalid)?;

        let mut linker = Linker::<World>::new(&self.engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker).map_err(invalid)?;
        http::refuse(&component, &mut linker).map_err(invalid)?;
        let kind = component.component_type().exports(&self.engine).next().map(|(name, _)| name.to_string());
        let world = match kind.as_deref() {
            Some(PARSER_EXPORT) => {
                Parse::add_to_linker::<_, HasSelf<_>>(&mut linker, |world| world).map_err(invalid)?;
                Exported::Parser(linker.instantiate_pre(&component).and_then(ParsePre::new).map_err(invalid)?)
            }
            Some(BYTE_SOURCE_EXPORT) => {
                Bytesource::add_to_linker::<_, HasSelf<_>>(&mut linker, |world| world).map_err(invalid)?;
                Exported::ByteSource(linker.instantiate_pre(&component).and_then(BytesourcePre::new).map_err(invalid)?)
            }
            other => {
                let message = format!("{}: its first export is {other:?}", path.display());
                return Err(Failure::new("ERR_PLUGIN_INVALID", message));
            }
        };
        let (schemas, columns) = self.ask(&world)?;
        Ok(Plugin { world, schemas, columns })
    }

    /// Asks an instance that has been granted nothing.
    fn ask(&self, world: &Exported) -> Outcome<(Vec<ConfigSchemaItem>, usize)> {
        let grants = Grants { environment: Some(Default::default()), ..Default::default() };
        let mut store = Store::new(&self.engine, World::new(&grants, &[])?);
        match world {
            Exported::Parser(pre) => {
                let plugin = pre.instantiate(&mut store).map_err(Failure::call)?;
                let parser = plugin.chipmunk_parser_parser();
                let options = parser.call_get_render_options(&mut store).map_err(Failure::call)?;
                let schemas = parser.call_get_config_schemas(&mut store).map_err(Failure::call)?;
                Ok((schemas, options.columns_options.map_or(0, |options| options.columns.len())))
            }
            Exported::ByteSource(pre) => {
                let plugin = pre.instantiate(&mut store).map_err(Failure::call)?;
                let source = plugin.chipmunk_bytesource_byte_source();
                Ok((source.call_get_config_schemas(&mut store).map_err(Failure::call)?, 0))
            }
        }
    }
}

pub struct Parser {
    store: Store<World>,
    plugin: Parse,
    /// How many columns its render options name.
    pub columns: usize,
}

impl Parser {
    pub fn start(plugins: &mut Plugins, path: &Path, config: &GivenConfig, grants: &Grants) -> Outcome<Self> {
        let plugin = plugins.get(path)?;
        let Exported::Parser(pre) = &plugin.world else {
            return Err(Failure::new("ERR_PLUGIN_INVALID", format!("{} is no parser", path.display())));
        };
        let columns = plugin.columns;
        let config = config.resolve(&plugin.schemas)?;
        let mut store = Store::new(&plugins.engine, World::new(grants, &config)?);
        let plugin = pre.instantiate(&mut store).map_err(Failure::call)?;
        let general = ParserConfig { log_level: Level::Info };
        plugin
            .chipmunk_parser_parser()
            .call_init(&mut store, general, &config)
            .map_err(Failure::call)?
            .map_err(Failure::init)?;
        Ok(Self { store, plugin, columns })
    }

    pub fn parse(&mut self, slice: &[u8]) -> Outcome<Result<Vec<ParseReturn>, ParseError>> {
        self.plugin.chipmunk_parser_parser().call_parse(&mut self.store, slice, None).map_err(Failure::call)
    }
}

pub struct ByteSource {
    store: Store<World>,
    plugin: Bytesource,
}

impl ByteSource {
    pub fn start(plugins: &mut Plugins, path: &Path, config: &GivenConfig, grants: &Grants) -> Outcome<Self> {
        let plugin = plugins.get(path)?;
        let Exported::ByteSource(pre) = &plugin.world else {
            return Err(Failure::new("ERR_PLUGIN_INVALID", format!("{} is no byte-source", path.display())));
        };
        let config = config.resolve(&plugin.schemas)?;
        let mut store = Store::new(&plugins.engine, World::new(grants, &config)?);
        let plugin = pre.instantiate(&mut store).map_err(Failure::call)?;
        let general = SourceConfig { log_level: Level::Info };
        plugin
            .chipmunk_bytesource_byte_source()
            .call_init(&mut store, general, &config)
            .map_err(Failure::call)?
            .map_err(Failure::init)?;
        Ok(Self { store, plugin })
    }

    pub fn read(&mut self, into: &mut [u8]) -> Outcome<usize> {
        let read = self.plugin.chipmunk_bytesource_byte_source().call_read(&mut self.store, into.len() as u64);
        let bytes = read.map_err(Failure::call)?.map_err(|error| {
            let (message, case) = match error {
                SourceError::Io(message) => (message, "io"),
                SourceError::Unsupported(message) => (message, "unsupported"),
                SourceError::Other(message) => (message, "other"),
            };
            Failure::new("ERR_SOURCE_READ", format!("{message} ({case})"))
        })?;
        match into.get_mut(..bytes.len()) {
            Some(target) => target.copy_from_slice(&bytes),
            None => {
                return Err(Failure::contract(format!("{} bytes were asked for and {} came", into.len(), bytes.len())));
            }
        }
        Ok(bytes.len())
    }
}
