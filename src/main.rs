//! The program: parse, run, exit code.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Articles are many small pieces, made in one thread and freed in another, which the system's allocator finds hard.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    dateline::commands::run(dateline::cli::parse())
}
