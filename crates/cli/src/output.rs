//! Standard output and error: where nobody reads any more, the program ends quietly.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
    process,
};

/// As `println!`.
macro_rules! outln {
    () => { $crate::output::write(format_args!("\n")) };
    ($($text:tt)*) => { $crate::output::write(format_args!("{}\n", format_args!($($text)*))) };
}

/// As `print!`.
macro_rules! out {
    ($($text:tt)*) => { $crate::output::write(format_args!($($text)*)) };
}

/// As `eprintln!`.
macro_rules! errln {
    ($($text:tt)*) => { $crate::output::complain(format_args!("{}\n", format_args!($($text)*))) };
}

/// Writes to standard output. Ends the program where nobody reads it any more (0), as `head` does once
/// it has enough, and where it cannot be written (1).
pub(crate) fn write(text: fmt::Arguments<'_>) {
    let mut out = io::stdout().lock();
    let written = out.write_fmt(text).and_then(|()| out.flush());
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            errln!("error: standard output: {error}");
            process::exit(1)
        }
    }
}

/// Writes to standard error; what nobody reads is lost.
pub(crate) fn complain(text: fmt::Arguments<'_>) {
    let _ = io::stderr().lock().write_fmt(text);
}

/// Says that a part of some work is done, and others are not.
pub(crate) fn print_part(there: usize, of: usize) {
    outln!(
        "Part done; {there} of {of} are there. The call that makes the last one writes the results."
    );
}
