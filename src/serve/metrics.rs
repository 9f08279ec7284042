//! What the server has done, for Prometheus.

use std::fmt::Write;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use prometheus_client::registry::Unit;

use super::Shared;
use crate::backend::Backend;

/// Content type of the text that is written.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the times that requests took, in seconds.
const TIMES: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    route: &'static str,
}

type Times = Family<Timed, Histogram, fn() -> Histogram>;

/// Counters of a server.
pub(super) struct Metrics {
    answered: Family<Answered, Counter>,
    times: Times,
    pub in_flight: Gauge,
    pub reloads: Counter,
    pub failed_reloads: Counter,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            answered: Family::default(),
            times: Family::new_with_constructor(|| Histogram::new(TIMES)),
            in_flight: Gauge::default(),
            reloads: Counter::default(),
            failed_reloads: Counter::default(),
        }
    }
}

impl Metrics {
    /// Notes an answer; `route` is the name of a route and never what was typed, of which there is no end.
    pub fn note(&self, route: &'static str, status: StatusCode, took: Duration) {
        self.answered.get_or_create(&Answered { route, status: status.as_u16() }).inc();
        self.times.get_or_create(&Timed { route }).observe(took.as_secs_f64());
    }
}

/// Writes all metrics as text.
pub(super) fn text(shared: &Shared) -> String {
    let mut registry = Registry::with_prefix("dateline");
    let metrics = &shared.metrics;
    registry.register("requests", "Requests answered", metrics.answered.clone());
    let times = metrics.times.clone();
    registry.register_with_unit("request_duration", "Time to the answer's head", Unit::Seconds, times);
    registry.register("requests_in_flight", "Requests being answered", metrics.in_flight.clone());
    registry.register("index_reloads", "New commits of the index opened", metrics.reloads.clone());
    let failed = metrics.failed_reloads.clone();
    registry.register("index_failed_reloads", "New commits that could not be opened", failed);
    let number = |value: u64| -> Gauge<u64, AtomicU64> {
        let gauge = Gauge::default();
        gauge.set(value);
        gauge
    };
    let snapshot = shared.live.snapshot();
    // A cluster counts its own.
    if let Backend::Embedded(index) = &snapshot.index {
        registry.register("index_articles", "Articles in the index", number(index.searcher.num_docs()));
    }
    let waiting = number(shared.workers.waiting() as u64);
    registry.register("queries_waiting", "Requests that wait for a thread", waiting);
    let mut out = String::new();
    if encode(&mut out, &registry).is_err() {
        // Writing to a string does not fail; if it does, a reader sees that the end is missing.
        let _ = writeln!(out, "# incomplete");
    }
    out
}
