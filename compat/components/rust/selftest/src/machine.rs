//! Acts on everything but files.

use crate::files::describe;
use std::ffi::{c_int, c_long, c_void};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub fn environment() -> String {
    let mut variables: Vec<String> = std::env::vars().map(|(name, value)| format!("{name}={value}")).collect();
    variables.sort();
    variables.join(", ")
}

pub fn arguments() -> String {
    std::env::args().collect::<Vec<_>>().join(", ")
}

pub fn current_directory() -> String {
    std::env::current_dir().map_or_else(|error| describe(&error), |path| path.display().to_string())
}

/// Nanoseconds since 1970.
pub fn wall_clock() -> String {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or_else(|error| error.to_string(), |time| time.as_nanos().to_string())
}

/// Nanoseconds between two readings.
pub fn monotonic_clock() -> String {
    let before = Instant::now();
    before.elapsed().as_nanos().to_string()
}

/// Nanoseconds that passed on the monotonic clock.
pub fn sleep(milliseconds: &str) -> String {
    let before = Instant::now();
    std::thread::sleep(Duration::from_millis(milliseconds.parse().unwrap_or(0)));
    before.elapsed().as_nanos().to_string()
}

/// `struct tm` of the C library.
#[repr(C)]
#[derive(Default)]
struct BrokenDownTime {
    fields: [c_int; 9],
    seconds_east: c_int,
    zone: usize,
    nanoseconds: c_int,
    spare: [c_long; 4],
}

/// Seconds east of UTC, today and at the epoch's hour.
pub fn time_zone() -> String {
    unsafe extern "C" {
        fn localtime_r(time: *const i64, into: *mut BrokenDownTime) -> *mut c_void;
    }
    let mut local = BrokenDownTime::default();
    // SAFETY: both live until the call returns, and the second is as large as the C library's.
    if unsafe { localtime_r(&0, &mut local) }.is_null() {
        return "unknown".into();
    }
    format!("{} s east, hour {} at the epoch", local.seconds_east, local.fields[2])
}

/// 16 bytes in hexadecimal.
pub fn random() -> String {
    unsafe extern "C" {
        fn getentropy(buffer: *mut u8, length: usize) -> c_int;
    }
    let mut bytes = [0_u8; 16];
    // SAFETY: the buffer is as long as said.
    if unsafe { getentropy(bytes.as_mut_ptr(), bytes.len()) } != 0 {
        return describe(&std::io::Error::last_os_error());
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn stdin() -> String {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_or_else(|error| describe(&error), |length| format!("{length} bytes"))
}

pub fn connect(address: &str) -> String {
    let result = TcpStream::connect(address).and_then(|mut stream| stream.write_all(b"hello"));
    result.map_or_else(|error| describe(&error), |()| "connected".into())
}

pub fn listen(address: &str) -> String {
    TcpListener::bind(address).map_or_else(|error| describe(&error), |_| "listening".into())
}

pub fn resolve(name: &str) -> String {
    (name, 80).to_socket_addrs().map_or_else(|error| describe(&error), |addresses| format!("{:?}", addresses.collect::<Vec<_>>()))
}

pub fn thread() -> String {
    let spawned = std::thread::Builder::new().spawn(|| ());
    spawned.map_or_else(|error| describe(&error), |_| "spawned".into())
}

/// Never returns: the allocator aborts.
pub fn out_of_memory() -> String {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        // Not filled: taking the memory is enough, and takes no time.
        kept.push(Vec::with_capacity(16 * 1024 * 1024));
        // Nobody can tell that what is kept is never used.
        std::hint::black_box(&kept);
    }
}

/// Never returns: the stack is at its end before.
#[expect(unconditional_recursion)]
pub fn stack_overflow(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 64]);
    stack_overflow(depth + 1) + frame[63]
}
