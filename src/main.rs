//! The program: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    dateline::commands::run(dateline::cli::parse())
}
