//! Results to people and programs: the terminal, JSON, the progress bar.

pub mod alerts;
mod csv;
pub mod explain;
pub mod json;
mod lists;
mod output;
mod progress;
mod terminal;

pub use csv::csv_cell;
pub use csv::csv_header;
pub use csv::csv_of_article;
pub use csv::csv_of_event;
pub use explain::explanations;
pub use lists::facet;
pub use lists::matrix;
pub use lists::similar;
pub use output::Output;
pub use output::visible;
pub use progress::Progress;
pub use terminal::article;
pub use terminal::results;
pub use terminal::statistics;
pub use terminal::timeline;
