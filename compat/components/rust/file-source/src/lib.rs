//! Delivers the configured files, and those directly in the configured directories, one behind the other, through `std::fs`.

use plugin_api::bytesource::{ByteSource, SourceError};
use plugin_api::config::Describe;
use plugin_api::{Config, ConfigSchemaItem, InitError, Schema, Version, crate_version, debug, info};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};

struct FileSource {
    paths: VecDeque<String>,
    current: Option<(File, String)>,
    /// Bytes at the beginning of each file that are not delivered.
    offset: i64,
    /// Bytes that one call delivers at most.
    most: usize,
}

impl ByteSource for FileSource {
    fn version() -> Version {
        crate_version!()
    }

    fn config_schemas() -> Vec<ConfigSchemaItem> {
        vec![
            Schema::files("input-path", "Files", &[]),
            Schema::directories("directories", "Directories").describe("All files directly in them, by name"),
            Schema::integer("offset", "Offset", 0)
                .describe("Where each file begins, in bytes; a negative one counts from its end"),
            Schema::integer("most", "Bytes at a time", 0).describe("0 means as many as the host asks for"),
        ]
    }

    fn create(config: &Config) -> Result<Self, InitError> {
        let mut paths: VecDeque<String> = config.files("input-path")?.iter().cloned().collect();
        for directory in config.directories("directories")? {
            paths.extend(files_in(directory)?);
        }
        if paths.is_empty() {
            return Err(InitError::Config("no file is configured".into()));
        }
        let offset = config.integer("offset")?;
        for path in &paths {
            let metadata = fs::metadata(path).map_err(|error| InitError::Io(format!("cannot open '{path}': {error}")))?;
            if !metadata.is_file() {
                return Err(InitError::Io(format!("'{path}' is not a file")));
            }
            info!("'{path}' has {} bytes", metadata.len());
        }
        let most = match config.integer("most")? {
            0 => usize::MAX,
            most => usize::try_from(most).map_err(|_| InitError::Config("'most' must not be negative".into()))?,
        };
        Ok(FileSource { paths, current: None, offset: i64::from(offset), most })
    }

    fn read(&mut self, length: usize) -> Result<Vec<u8>, SourceError> {
        let length = length.min(self.most);
        loop {
            let (file, path) = match &mut self.current {
                Some(current) => current,
                None => match self.paths.pop_front() {
                    Some(path) => self.current.insert((self.open(&path)?, path)),
                    None => return Ok(Vec::new()),
                },
            };
            // Only what a file has is read into memory, not what was asked for.
            let mut bytes = Vec::new();
            file.take(length as u64)
                .read_to_end(&mut bytes)
                .map_err(|error| SourceError::Io(format!("cannot read '{path}': {error}")))?;
            if !bytes.is_empty() {
                return Ok(bytes);
            }
            debug!("'{path}' is at its end");
            self.current = None;
        }
    }
}

impl FileSource {
    fn open(&self, path: &str) -> Result<File, SourceError> {
        let cannot = |error| SourceError::Io(format!("cannot open '{path}': {error}"));
        let mut file = File::open(path).map_err(cannot)?;
        let from = match self.offset {
            offset if offset < 0 => {
                let size = file.metadata().map_err(cannot)?.len();
                SeekFrom::Start(size.saturating_sub(offset.unsigned_abs()))
            }
            offset => SeekFrom::Start(offset as u64),
        };
        file.seek(from).map_err(cannot)?;
        Ok(file)
    }
}

fn files_in(directory: &str) -> Result<Vec<String>, InitError> {
    let cannot = |error| InitError::Io(format!("cannot list '{directory}': {error}"));
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        if entry.file_type().map_err(cannot)?.is_file() {
            paths.push(format!("{directory}/{}", entry.file_name().to_string_lossy()));
        }
    }
    paths.sort();
    Ok(paths)
}

plugin_api::export_byte_source!(FileSource);
