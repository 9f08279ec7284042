//! Results to people and programs: the terminal, JSON, the progress bar.

pub mod explain;
pub mod json;
mod output;
mod progress;
mod table;
mod terminal;

pub use explain::explanations;
pub use output::Output;
pub use progress::Progress;
pub use table::csv_cell;
pub use terminal::article;
pub use terminal::facet;
pub use terminal::results;
pub use terminal::statistics;
pub use terminal::timeline;
