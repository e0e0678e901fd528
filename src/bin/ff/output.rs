//! Everything `ff` says.
//!
//! No output may cost work: who reads it may go away (`ff train | head`), and the disk it goes to may be full. So nothing here
//! fails or panics. After the first line that could not be written nothing more is said, the work goes on, and [`trouble`] tells
//! at the end what happened. `println!` and its like, which panic, are forbidden by a lint in `main.rs`.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The first error of standard output.
static FAILED: Mutex<Option<io::Error>> = Mutex::new(None);

fn failed() -> MutexGuard<'static, Option<io::Error>> {
    FAILED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a line to standard output.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::line(format_args!($($text)*)) };
}

/// Writes a line to standard error.
macro_rules! say_error {
    ($($text:tt)*) => { $crate::output::error_line(format_args!($($text)*)) };
}

pub(crate) use {say, say_error};

/// Writes a line to standard output. Use [`say!`].
pub fn line(text: Arguments) {
    write(|out| writeln!(out, "{text}"));
}

/// Writes to standard output, unless that failed before.
pub fn write(text: impl FnOnce(&mut io::StdoutLock) -> io::Result<()>) {
    let mut failed = failed();
    if failed.is_none() {
        let mut out = io::stdout().lock();
        *failed = text(&mut out).and_then(|()| out.flush()).err();
    }
}

/// Writes a line to standard error, if that is still there. Use [`say_error!`].
pub fn error_line(text: Arguments) {
    writeln!(io::stderr().lock(), "{text}").ok();
}

/// Whether nothing that is said is written any more.
pub fn is_over() -> bool {
    failed().is_some()
}

/// What to tell of standard output at the end, if it failed. That its reader went away is nothing to tell.
pub fn trouble() -> Option<String> {
    let failed = failed();
    let error = failed.as_ref().filter(|error| error.kind() != ErrorKind::BrokenPipe)?;
    Some(format!("standard output: {error}. What was to be said there is lost; files were written"))
}
