//! What a plugin finds around it, as in Chipmunk: the environment, read-only the parent directory of every configured path
//! under that parent's text, one temporary directory, stdout and stderr, a log.

use crate::bindings::parser::chipmunk::shared::{logging, sandbox, shared_types};
use crate::bindings::{ConfigItem, ConfigValue};
use crate::failure::{Failure, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::cli::OutputFile;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// What the one who runs a plugin decides of its world.
#[derive(Clone, Default)]
pub struct Grants {
    /// None: the whole environment of this process.
    pub environment: Option<BTreeMap<String, String>>,
    pub output: PluginOutput,
}

/// Where the plugin's stdout and stderr, and its log, go.
#[derive(Clone, Default)]
pub enum PluginOutput {
    #[default]
    Nowhere,
    /// To this process's stderr.
    Stderr,
}

pub struct World {
    wasi: WasiCtx,
    table: ResourceTable,
    output: PluginOutput,
    /// Removed with the instance.
    temp: TempDir,
}

impl World {
    pub fn new(grants: &Grants, config: &[ConfigItem]) -> Outcome<Self> {
        let mut wasi = WasiCtxBuilder::new();
        match &grants.environment {
            Some(variables) => wasi.envs(&variables.iter().collect::<Vec<_>>()),
            None => wasi.inherit_env(),
        };
        if matches!(grants.output, PluginOutput::Stderr) {
            let stderr = to_stderr()?;
            wasi.stdout(stderr.clone()).stderr(stderr);
        }
        for parent in parents(config) {
            preopen(&mut wasi, &parent, FsPerms::ReadOnly)?;
        }
        let temp =
            TempDir::new().map_err(|error| Failure::new("ERR_INTERNAL", format!("no temporary directory: {error}")))?;
        preopen(&mut wasi, temp.path(), FsPerms::ReadWrite)?;
        Ok(Self { wasi: wasi.build(), table: ResourceTable::new(), output: grants.output.clone(), temp })
    }
}

/// The parents of all paths in the configuration, each once, as they are written there.
fn parents(config: &[ConfigItem]) -> BTreeSet<PathBuf> {
    let paths = config.iter().flat_map(|item| match &item.value {
        ConfigValue::Files(paths) | ConfigValue::Directories(paths) => paths.as_slice(),
        _ => &[],
    });
    let parent = |path: &str| match Path::new(path).parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_path_buf(),
        // The root is its own parent.
        None => PathBuf::from(path),
    };
    paths.filter(|path| !path.is_empty()).map(|path| parent(path)).collect()
}

fn preopen(wasi: &mut WasiCtxBuilder, path: &Path, rights: FsPerms) -> Outcome<()> {
    wasi.preopened_dir(path, path.to_string_lossy(), rights)
        .map(|_| ())
        .map_err(|error| Failure::new("ERR_CONFIG", format!("{}: {error:#}", path.display())))
}

fn to_stderr() -> Outcome<OutputFile> {
    use std::os::fd::AsFd;
    let stderr = std::io::stderr().as_fd().try_clone_to_owned();
    stderr.map(|fd| OutputFile::new(File::from(fd))).map_err(|error| Failure::new("ERR_INTERNAL", error.to_string()))
}

impl WasiView for World {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl shared_types::Host for World {}

impl logging::Host for World {
    fn log(&mut self, level: logging::Level, message: String) {
        if matches!(self.output, PluginOutput::Stderr) {
            eprintln!("{level:?}: {message}");
        }
    }
}

impl sandbox::Host for World {
    fn temp_directory(&mut self) -> Result<String, String> {
        Ok(self.temp.path().to_string_lossy().into_owned())
    }
}

impl crate::bindings::parser::chipmunk::parser::parse_types::Host for World {}
impl crate::bindings::byte_source::chipmunk::bytesource::bytesource_types::Host for World {}
