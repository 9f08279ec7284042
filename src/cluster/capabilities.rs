//! What each backend can do: one table, printed in `docs/cluster.md`.

/// A thing that a query or a command may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability {
    /// What.
    pub what: &'static str,
    /// Of an index on this machine.
    pub embedded: &'static str,
    /// Of an index on OpenSearch.
    pub opensearch: &'static str,
}

const fn row(what: &'static str, embedded: &'static str, opensearch: &'static str) -> Capability {
    Capability { what, embedded, opensearch }
}

/// All of them. What is "no" is an error that says so.
pub const CAPABILITIES: &[Capability] = &[
    row("words, phrases, near, prefixes, wildcards, synonyms", "yes", "yes"),
    row("fuzzy words", "yes", "yes; not for words as short as the distance"),
    row("regular expressions", "yes", "the part that both engines read alike"),
    row("fields, filters, dates, partial dates, undated", "yes", "yes"),
    row("event{...}", "yes", "yes"),
    row("spellings of one name over the corpus", "yes", "yes, as of the last `index`"),
    row("counts", "exact", "exact"),
    row("facets", "exact", "exact on one shard; on several a warning says by how much a count may be low"),
    row("timeline", "exact", "exact"),
    row("order by relevance", "yes", "yes; words of the headline are weighed nearly the same"),
    row("order by date, --recency", "yes", "yes"),
    row("snippets, highlights, evidence", "yes", "yes, the same code"),
    row("when --timeout is over", "a part of the answer, marked", "an error: the answer is whole or none"),
    row("facets --evidence", "yes", "yes"),
    row(
        "stories: copies of an article as one",
        "yes",
        "no: every article is a story, and the answer says so",
    ),
    row("--expand", "yes", "no"),
    row("what a score is made of (--explain)", "yes", "no"),
    row("near words when nothing matches", "yes", "no"),
    row("search, facets, timeline, show, batch, export, stats, serve", "yes", "yes"),
    row("suggestions while one types on the page", "yes", "none"),
    row("similar, matrix, saved, alerts, mcp, check", "yes", "no"),
    row("index --rebuild, --watch, --dry-run, search --in", "yes", "no"),
    row("several writers at once", "no", "yes"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_documentation() {
        let page = include_str!("../../docs/cluster.md");
        for Capability { what, embedded, opensearch } in CAPABILITIES {
            let line = format!("| {what} | {embedded} | {opensearch} |");
            assert!(page.contains(&line), "docs/cluster.md lacks: {line}");
        }
    }
}
