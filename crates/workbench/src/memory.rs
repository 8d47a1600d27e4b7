//! How much memory a worker may have.

use std::io;

/// Allows a process, and those that it starts, so many bytes of memory of their own each.
///
/// # Errors
/// Where the system does not do it.
#[cfg(target_os = "linux")]
pub(crate) fn limit(process: u32, most: u64) -> io::Result<()> {
    let process = process.try_into().map_err(io::Error::other)?;
    rlimit::prlimit(process, rlimit::Resource::DATA, Some((most, most)), None)
}

/// Other systems limit no process that is not one's own.
#[cfg(not(target_os = "linux"))]
pub(crate) fn limit(_: u32, _: u64) -> io::Result<()> {
    Ok(())
}
