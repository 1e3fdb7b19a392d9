//! What the host offers beside `std`.

use crate::InitError;
use crate::shared::chipmunk::shared::sandbox;
use std::path::PathBuf;

/// The directory in which the plugin may write, the same for as long as it lives. It goes with the plugin.
pub fn temp_directory() -> Result<PathBuf, InitError> {
    sandbox::temp_directory().map(PathBuf::from).map_err(InitError::Io)
}
