//! Acts on files. An error is told by its kind, which is the same on all systems, and its text.

use std::ffi::{CString, c_char, c_int};
use std::fs::{self, File, OpenOptions};
use std::io::{Error, Result, Write};

pub fn list(path: &str) -> String {
    told(fs::read_dir(path).and_then(|entries| {
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
            names.push(format!("{}{slash}", entry.file_name().to_string_lossy()));
        }
        names.sort();
        Ok(names.join(", "))
    }))
}

pub fn stat(path: &str) -> String {
    told(fs::symlink_metadata(path).map(|metadata| {
        let kind = metadata.file_type();
        let kind = if kind.is_dir() {
            "directory"
        } else if kind.is_symlink() {
            "link"
        } else {
            "file"
        };
        format!("{kind} of {} bytes", metadata.len())
    }))
}

pub fn read(path: &str) -> String {
    told(fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

pub fn write(path: &str, text: &str) -> String {
    told(fs::write(path, text).map(done))
}

pub fn append(path: &str, text: &str) -> String {
    told(OpenOptions::new().append(true).create(true).open(path).and_then(|mut file| file.write_all(text.as_bytes())).map(done))
}

pub fn create_directory(path: &str) -> String {
    told(fs::create_dir(path).map(done))
}

pub fn remove(path: &str) -> String {
    told(fs::remove_file(path).map(done))
}

pub fn remove_directory(path: &str) -> String {
    told(fs::remove_dir(path).map(done))
}

pub fn rename(from: &str, to: &str) -> String {
    told(fs::rename(from, to).map(done))
}

pub fn link(from: &str, to: &str) -> String {
    told(fs::hard_link(from, to).map(done))
}

/// std has no stable name for it here, the C library has.
pub fn symlink(target: &str, at: &str) -> String {
    unsafe extern "C" {
        #[link_name = "symlink"]
        fn c_symlink(target: *const c_char, at: *const c_char) -> c_int;
    }
    let (Ok(target), Ok(at)) = (CString::new(target), CString::new(at)) else { return "a NUL in a path".into() };
    // SAFETY: both are texts that end with NUL and live until the call returns.
    let failed = unsafe { c_symlink(target.as_ptr(), at.as_ptr()) } != 0;
    told(if failed { Err(Error::last_os_error()) } else { Ok(done(())) })
}

/// Writes as many bytes as it may, up to a number of MiB, and tells how many MiB there were.
pub fn fill(path: &str, mebibytes: &str) -> String {
    let block = vec![b'x'; 1024 * 1024];
    told(File::create(path).map(|mut file| {
        let wanted: usize = mebibytes.parse().unwrap_or(0);
        for written in 0..wanted {
            if let Err(error) = file.write_all(&block) {
                return format!("{written} MiB, then {}", describe(&error));
            }
        }
        format!("{wanted} MiB")
    }))
}

/// Opens a file so often without closing it, and tells how often that went well.
pub fn hold(path: &str, times: &str) -> String {
    let mut files = Vec::new();
    for _ in 0..times.parse().unwrap_or(0) {
        match File::open(path) {
            Ok(file) => files.push(file),
            Err(error) => return format!("{}, then {}", files.len(), describe(&error)),
        }
    }
    files.len().to_string()
}

fn done(_: ()) -> String {
    "done".into()
}

fn told(result: Result<String>) -> String {
    result.unwrap_or_else(|error| describe(&error))
}

pub fn describe(error: &Error) -> String {
    format!("{:?}: {error}", error.kind())
}
