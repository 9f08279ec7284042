//! The progress bar of long work, on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;

/// A bar over the bytes of the corpus.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Starts a bar over so many bytes; `quiet` draws nothing.
    pub fn new(bytes: u64, quiet: bool) -> Progress {
        let drawn = !quiet && std::io::stderr().is_terminal();
        let target = if drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        let style = ProgressStyle::with_template(
            "{prefix} {wide_bar} {bytes}/{total_bytes}  {binary_bytes_per_sec}  {msg}  {eta} left",
        );
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("━╸ "));
        }
        bar.set_prefix("indexing");
        if drawn {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Progress { bar }
    }

    /// Moves the bar on by the bytes of a file and says how many articles there are.
    pub fn advance(&self, bytes: u64, articles: u64) {
        self.bar.inc(bytes);
        self.bar.set_message(format!("{articles} articles"));
    }

    /// Says what is being done now.
    pub fn stage(&self, name: &'static str) {
        self.bar.set_prefix(name);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
