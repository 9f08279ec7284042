//! Where output goes: standard output with or without colours, notes to standard error.

use std::io;
use std::io::IsTerminal;
use std::io::Write;

use anstyle::AnsiColor;
use anstyle::Style;

/// Standard output, and how to write to it.
pub struct Output {
    out: io::BufWriter<io::Stdout>,
    /// Use colours.
    pub color: bool,
    /// Standard output is a terminal.
    pub terminal: bool,
    /// Keep notes to ourselves.
    pub quiet: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// What a piece of output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Tone {
    Title,
    Faint,
    Match,
    Label,
    Number,
    Warning,
    Bar,
    Person,
    Country,
    Organisation,
    Place,
    Date,
}

impl Tone {
    fn style(self) -> Style {
        let colored = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        match self {
            Tone::Title => Style::new().bold(),
            Tone::Faint => Style::new().dimmed(),
            Tone::Match => colored(AnsiColor::Yellow).bold(),
            Tone::Label => colored(AnsiColor::Cyan),
            Tone::Number => colored(AnsiColor::Green),
            Tone::Warning => colored(AnsiColor::Yellow),
            Tone::Bar => colored(AnsiColor::Blue),
            Tone::Person => colored(AnsiColor::Green),
            Tone::Country => colored(AnsiColor::Blue).bold(),
            Tone::Organisation => colored(AnsiColor::Magenta),
            Tone::Place => colored(AnsiColor::Cyan),
            Tone::Date => colored(AnsiColor::Yellow),
        }
    }
}

impl Output {
    /// Opens standard output. `color` is what was asked for; none means by terminal and `NO_COLOR`.
    pub fn new(color: Option<bool>, quiet: bool) -> Output {
        let terminal = io::stdout().is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
            || std::env::var_os("TERM").is_some_and(|t| t == "dumb");
        let width =
            std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|w| *w >= 40).unwrap_or(100);
        Output {
            out: io::BufWriter::new(io::stdout()),
            color: color.unwrap_or(terminal && !plain),
            terminal,
            quiet,
            width,
        }
    }

    /// Paints text, if colours are on, after making its control characters visible.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let text = visible(text);
        if !self.color || text.is_empty() {
            return text;
        }
        let style = tone.style();
        format!("{style}{text}{style:#}")
    }

    /// Writes a note for the user to standard error, unless they asked for quiet.
    pub fn note(&mut self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Writes to standard error, quiet or not.
    pub fn complain(&mut self, text: &str) {
        // Standard output first, so that the two come in order on a terminal.
        let _ = self.out.flush();
        // Nobody is left to tell if standard error is closed.
        let _ = writeln!(io::stderr(), "{}", text.lines().map(visible).collect::<Vec<_>>().join("\n"));
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Replaces control characters and bidirectional overrides, which could change what a terminal shows.
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|c| {
            let hidden = c.is_control() && c != '\t'
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
            if hidden { '\u{fffd}' } else { c }
        })
        .collect()
}
