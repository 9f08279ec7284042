//! An index to ask, wherever it is: on this machine or on a cluster. Commands and the server put their questions here.

use crate::annotation::Annotations;
use crate::annotation::Event;
use crate::article::Article;
use crate::cluster;
use crate::cluster::Cluster;
use crate::index::Opened;
use crate::query;
use crate::query::Exported;
use crate::query::FacetCounts;
use crate::query::FacetEvidence;
use crate::query::Period;
use crate::query::QueryError;
use crate::query::Request;
use crate::query::Results;
use crate::query::Statistics;
use crate::query::Timeline;
use crate::schema::Schema;

/// An index that is open for queries.
pub enum Backend {
    /// On this machine.
    Embedded(Box<Opened>),
    /// On other machines.
    Cluster(Box<Cluster>),
}

impl Backend {
    /// Answers a request: hits of a page, counts, facets, and what is worth a note.
    ///
    /// # Errors
    /// If the query cannot be read or the index fails.
    pub fn search(&self, schema: &Schema, request: &Request) -> Result<Results, QueryError> {
        match self {
            Backend::Embedded(index) => query::search(index, schema, request),
            Backend::Cluster(cluster) => cluster.search(schema, request),
        }
    }

    /// Lists the values of one facet over the articles that match.
    ///
    /// # Errors
    /// If the field is no facet, the query cannot be read or the index fails.
    pub fn facet_values(
        &self,
        schema: &Schema,
        request: &Request,
        field: &str,
        prefix: Option<&str>,
        most: usize,
    ) -> Result<FacetCounts, QueryError> {
        match self {
            Backend::Embedded(index) => query::facet_values(index, schema, request, field, prefix, most),
            Backend::Cluster(cluster) => cluster.facet_values(schema, request, field, prefix, most),
        }
    }

    /// Lists, for each value of a facet, sentences of the newest articles that have it.
    ///
    /// # Errors
    /// If the query cannot be read or the index fails.
    pub fn facet_evidence(
        &self,
        schema: &Schema,
        request: &Request,
        counts: &FacetCounts,
    ) -> Result<Vec<Vec<FacetEvidence>>, QueryError> {
        match self {
            Backend::Embedded(index) => query::facet_evidence(index, schema, request, counts),
            Backend::Cluster(cluster) => cluster.facet_evidence(schema, request, counts),
        }
    }

    /// Counts the matching articles by period of publication.
    ///
    /// # Errors
    /// If the query cannot be read or the index fails.
    pub fn timeline(
        &self,
        schema: &Schema,
        request: &Request,
        period: Period,
    ) -> Result<Timeline, QueryError> {
        match self {
            Backend::Embedded(index) => query::timeline(index, schema, request, period),
            Backend::Cluster(cluster) => cluster.timeline(schema, request, period),
        }
    }

    /// Finds an article by its id, or by its path if one file has that path.
    ///
    /// # Errors
    /// If the index fails.
    pub fn find_article(&self, id: &str) -> Result<Option<(Article, Annotations)>, QueryError> {
        match self {
            Backend::Embedded(index) => query::find_article(index, id),
            Backend::Cluster(cluster) => cluster.find_article(id),
        }
    }

    /// Hands on every matching article, newest first and the undated last.
    ///
    /// # Errors
    /// If the query cannot be read, the index fails, or `visit` does.
    pub fn every_match<E: From<QueryError>>(
        &self,
        schema: &Schema,
        request: &Request,
        visit: impl FnMut(&Article, &Annotations) -> Result<(), E>,
    ) -> Result<Exported, E> {
        match self {
            Backend::Embedded(index) => query::every_match(index, schema, request, visit),
            Backend::Cluster(cluster) => cluster.every_match(schema, request, visit),
        }
    }

    /// Hands on every event that the query asks for; every event of the matching articles, if it asks for none.
    ///
    /// # Errors
    /// If the query cannot be read, the index fails, or `visit` does.
    pub fn every_event<E: From<QueryError>>(
        &self,
        schema: &Schema,
        request: &Request,
        visit: impl FnMut(&Article, &Annotations, &Event) -> Result<(), E>,
    ) -> Result<Exported, E> {
        match self {
            Backend::Embedded(index) => query::every_event(index, schema, request, visit),
            Backend::Cluster(cluster) => cluster.every_event(schema, request, visit),
        }
    }

    /// Counts what is in the index.
    ///
    /// # Errors
    /// If the index fails.
    pub fn statistics(&self, schema: &Schema) -> Result<Statistics, QueryError> {
        match self {
            Backend::Embedded(index) => query::statistics(index, schema),
            Backend::Cluster(cluster) => cluster.statistics(schema),
        }
    }

    /// The index on this machine, for what a cluster cannot do.
    ///
    /// # Errors
    /// If it is on a cluster: the message names what was asked for.
    pub fn embedded(&self, what: &str) -> Result<&Opened, QueryError> {
        match self {
            Backend::Embedded(index) => Ok(index),
            Backend::Cluster(_) => Err(cluster::no_such_command(what)),
        }
    }
}
