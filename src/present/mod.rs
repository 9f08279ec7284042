//! Results to people and programs: the terminal, JSON, the progress bar.

pub mod alerts;
pub mod explain;
pub mod json;
mod lists;
mod output;
mod progress;
mod spreadsheet;
mod terminal;

pub use explain::explanations;
pub use lists::facet;
pub use lists::matrix;
pub use lists::similar;
pub use output::Output;
pub use output::visible;
pub use progress::Progress;
pub use spreadsheet::csv_cell;
pub use spreadsheet::csv_header;
pub use spreadsheet::csv_of_article;
pub use spreadsheet::csv_of_event;
pub use terminal::article;
pub use terminal::results;
pub use terminal::statistics;
pub use terminal::timeline;
