//! Every match, page by page of one state of the index, for exports.

use serde_json::Value;
use serde_json::json;

use super::Cluster;
use super::ask::Asked;
use super::ask::order;
use super::client::Patience;
use super::total;
use super::translate::Plan;
use super::whole;
use crate::annotation::Annotations;
use crate::annotation::Event;
use crate::article::Article;
use crate::query;
use crate::query::Aim;
use crate::query::Exported;
use crate::query::QueryError;
use crate::query::Request;
use crate::query::Sort;
use crate::schema::Schema;

/// Articles of a page.
const PAGE: usize = 500;

/// How long the cluster keeps the state for the next page.
const KEPT: &str = "5m";

impl Cluster {
    /// Hands on every matching article, newest first and the undated last.
    ///
    /// # Errors
    /// If the query cannot be read, the cluster does not answer, or `visit` fails.
    pub fn every_match<E: From<QueryError>>(
        &self,
        schema: &Schema,
        request: &Request,
        mut visit: impl FnMut(&Article, &Annotations) -> Result<(), E>,
    ) -> Result<Exported, E> {
        self.each(schema, request, |article, annotations, _| visit(article, annotations))
    }

    /// Hands on every event that the query asks for; every event of the matching articles, if it asks for none.
    ///
    /// # Errors
    /// If the query cannot be read, the cluster does not answer, or `visit` fails.
    pub fn every_event<E: From<QueryError>>(
        &self,
        schema: &Schema,
        request: &Request,
        mut visit: impl FnMut(&Article, &Annotations, &Event) -> Result<(), E>,
    ) -> Result<Exported, E> {
        self.each(schema, request, |article, annotations, plan| {
            for event in &annotations.events {
                if query::is_asked_for(article, event, &plan.notes, &self.tokenizer) {
                    visit(article, annotations, event)?;
                }
            }
            Ok(())
        })
    }

    fn each<E: From<QueryError>>(
        &self,
        schema: &Schema,
        request: &Request,
        mut visit: impl FnMut(&Article, &Annotations, &Plan) -> Result<(), E>,
    ) -> Result<Exported, E> {
        let asked = Asked::new(self, schema, request)?;
        let plan = asked.plan(Aim::Matches)?;
        let mut state = self.hold()?;
        let done = self.pages(&plan, &mut state, &mut visit);
        self.let_go(&state);
        let articles = done?;
        Ok(Exported { articles, warnings: asked.remarks(&plan, articles == 0)? })
    }

    fn pages<E: From<QueryError>>(
        &self,
        plan: &Plan,
        state: &mut Value,
        visit: &mut impl FnMut(&Article, &Annotations, &Plan) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut articles = None;
        let mut after = Value::Null;
        loop {
            let mut body = json!({
                "size": PAGE, "query": plan.query, "sort": order(Sort::Newest, false), "_source": ["id", "article"],
                "track_total_hits": articles.is_none(), "pit": { "id": state, "keep_alive": KEPT },
            });
            if !after.is_null() {
                body["search_after"] = after;
            }
            let answer = self.client.ask(
                "POST",
                "/_search?allow_partial_search_results=false",
                Some(&body.to_string()),
                Patience::Short,
            );
            let answer = answer.and_then(|answer| answer.expect(&self.client))?;
            whole(&answer, &self.client)?;
            if articles.is_none() {
                articles = Some(total(&answer)?);
            }
            let hits = answer["hits"]["hits"].as_array().map_or(&[][..], Vec::as_slice);
            for hit in hits {
                let (article, annotations) = self.article(&hit["_source"])?;
                visit(&article, &annotations, plan)?;
            }
            match hits.last() {
                Some(last) if hits.len() == PAGE => after = last["sort"].clone(),
                _ => return Ok(articles.unwrap_or(0)),
            }
            if !answer["pit_id"].is_null() {
                *state = answer["pit_id"].clone();
            }
        }
    }

    /// Has the cluster keep the state of now, so that pages neither overlap nor leave a gap.
    fn hold(&self) -> Result<Value, QueryError> {
        let path = format!("/{}/_search/point_in_time?keep_alive={KEPT}", self.name);
        let answer = self.client.ask("POST", &path, None, Patience::Short)?.expect(&self.client)?;
        Ok(answer["pit_id"].clone())
    }

    fn let_go(&self, state: &Value) {
        let body = json!({ "pit_id": [state] }).to_string();
        // It goes by itself in some minutes.
        let _ = self.client.ask("DELETE", "/_search/point_in_time", Some(&body), Patience::Short);
    }
}
