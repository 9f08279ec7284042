//! A request to its answer: hits of a page, counts, days, and what is worth a note.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Cluster;
use super::client::Patience;
use super::remote;
use super::total;
use super::translate::Plan;
use super::translate::Translator;
use super::translate::all_of as all_hold;
use super::translate::each_headline;
use super::unsupported;
use crate::annotation::Annotations;
use crate::article::Article;
use crate::index;
use crate::query;
use crate::query::Aim;
use crate::query::DEEPEST_PAGE;
use crate::query::Hit;
use crate::query::Matcher;
use crate::query::Node;
use crate::query::Notes;
use crate::query::Parsed;
use crate::query::Period;
use crate::query::QueryError;
use crate::query::Remote;
use crate::query::Request;
use crate::query::Results;
use crate::query::Snippets;
use crate::query::Sort;
use crate::query::Statistics;
use crate::query::Timeline;
use crate::query::weights::rarity;
use crate::schema::Schema;

/// A request as it is asked of a cluster, for one aim after another.
pub(super) struct Asked<'a> {
    pub cluster: &'a Cluster,
    pub schema: &'a Schema,
    pub request: &'a Request,
    parsed: Parsed,
}

impl<'a> Asked<'a> {
    pub fn new(cluster: &'a Cluster, schema: &'a Schema, request: &'a Request) -> Result<Self, QueryError> {
        if request.expand {
            return Err(unsupported("--expand"));
        }
        if request.below.is_some() {
            return Err(unsupported("--in: index first, and search by -f path=..."));
        }
        Ok(Asked { cluster, schema, request, parsed: request.parsed()? })
    }

    pub fn plan(&self, aim: Aim) -> Result<Plan, QueryError> {
        self.plan_of(self.request.root(&self.parsed, self.schema, None), aim, true)
    }

    /// The plan without the filters of one facet: what a facet counts is not narrowed by its own filter.
    pub fn plan_without(&self, facet: &str) -> Result<Plan, QueryError> {
        self.plan_of(self.request.root(&self.parsed, self.schema, Some(facet)), Aim::Matches, true)
    }

    /// Translates a tree with the bounds of the request, unless `dated` says to leave out the dates.
    fn plan_of(&self, root: Option<Node>, aim: Aim, dated: bool) -> Result<Plan, QueryError> {
        self.in_time()?;
        let text = &self.request.query;
        let mut translator = Translator::new(self.cluster, self.schema, self.request.today, text, aim);
        translator.plain = self.request.plain;
        translator.any = self.request.any;
        let within = self.request.bounds()?.filter(|_| dated).map(|range| translator.within(range));
        let mut plan = translator.plan(root.as_ref())?;
        if let Some(part) = within {
            plan.query = all_hold(vec![plan.query, part.query]);
            plan.understood =
                if root.is_none() { part.read } else { format!("{} AND {}", plan.understood, part.read) };
        }
        if aim == Aim::Matches {
            plan.notes.warnings.extend(self.parsed.warnings.iter().cloned());
        }
        Ok(plan)
    }

    /// A cluster's answer is whole or none: when the time is over nothing more is asked.
    fn in_time(&self) -> Result<(), QueryError> {
        if self.request.deadline.has_passed() { Err(QueryError::TimedOut) } else { Ok(()) }
    }

    pub fn count(&self, query: &Value) -> Result<u64, QueryError> {
        self.in_time()?;
        let body = json!({ "size": 0, "track_total_hits": true, "query": query });
        total(&self.cluster.search_raw(&body, "")?)
    }

    /// All that is worth a note of an answer; of an empty one also why it is empty.
    pub fn remarks(&self, plan: &Plan, empty: bool) -> Result<Vec<String>, QueryError> {
        query::remarks(self, &plan.notes, empty)
    }
}

impl query::Counting for Asked<'_> {
    fn request(&self) -> &Request {
        self.request
    }

    fn root(&self) -> Option<Node> {
        self.request.root(&self.parsed, self.schema, None)
    }

    fn count_of(&self, parts: Vec<Node>, dated: bool) -> Result<u64, QueryError> {
        self.count(&self.plan_of(query::all_of(parts), Aim::Matches, dated)?.query)
    }

    fn count_for(&self, aim: Aim) -> Result<u64, QueryError> {
        self.count(&self.plan(aim)?.query)
    }

    /// The engine lists no words: see `capabilities`.
    fn near_words(&self, _: &str) -> Result<Vec<String>, QueryError> {
        Ok(Vec::new())
    }
}

impl Cluster {
    /// Answers a request: hits of a page, counts, facets, and what is worth a note.
    ///
    /// # Errors
    /// If the query cannot be read or asks for what a cluster cannot do, or the cluster does not answer.
    pub fn search(&self, schema: &Schema, request: &Request) -> Result<Results, QueryError> {
        let started = Instant::now();
        if request.limit.saturating_add(request.offset) > DEEPEST_PAGE {
            return Err(QueryError::Usage(format!(
                "--limit and --offset reach at most {DEEPEST_PAGE} hits: use `dateline export` for all"
            )));
        }
        for (field, _) in &request.facets {
            query::known_facet(schema, field)?;
        }
        let asked = Asked::new(self, schema, request)?;
        let plan = asked.plan(Aim::Matches)?;
        if request.explain && plan.notes.scored && request.limit > 0 {
            return Err(unsupported(
                "what a score is made of (--explain): -n 0 --explain tells how the query is read",
            ));
        }
        let scored = plan.notes.scored && request.sort == Sort::Relevance;
        let own: Vec<&(String, usize)> =
            request.facets.iter().filter(|(f, _)| !request.filters_itself(schema, f)).collect();
        let mut body = json!({
            "from": request.offset, "size": request.limit, "track_total_hits": true,
            "_source": ["id", "article"], "query": self.ranked(&plan, request, scored)?, "sort": order(request.sort, scored),
            "track_scores": scored,
        });
        if !own.is_empty() {
            body["aggs"] = own
                .iter()
                .map(|(field, most)| (field.clone(), super::facets::aggregation(field, *most)))
                .collect();
        }
        // Statistics of words over all shards, so that a score means the same wherever an article lies.
        let answer = self.search_raw(&body, if scored { "search_type=dfs_query_then_fetch" } else { "" })?;
        let total = total(&answer)?;
        let (facets, low) = asked.facets(&plan, &answer)?;
        let hits = self.hits(&plan, request, scored, &answer)?;
        let alone = request.limit == 0 && request.facets.is_empty();
        let mut warnings = asked.remarks(&plan, total == 0 && !alone)?;
        warnings.extend(low);
        if !request.copies && total > 1 && request.limit > 0 {
            warnings.push("not on opensearch: stories; every copy of an article is a hit of its own".into());
        }
        Ok(Results {
            understood: plan.understood,
            used: plan.notes.used,
            warnings,
            partial: false,
            total,
            stories: total,
            hits,
            facets,
            took_ms: started.elapsed().as_secs_f64() * 1000.0,
        })
    }

    /// The query with the weight of time, if that is asked for.
    fn ranked(&self, plan: &Plan, request: &Request, scored: bool) -> Result<Value, QueryError> {
        let mut query = plan.query.clone();
        if scored && request.limit > 0 {
            self.weigh_headlines(&mut query)?;
        }
        let Some(half_life) = request.half_life.filter(|_| scored) else { return Ok(query) };
        let body = json!({ "size": 0, "aggs": { "newest": { "max": { "field": "published_min" } } } });
        let newest = self.search_raw(&body, "")?["aggregations"]["newest"]["value"].as_f64().unwrap_or(0.0);
        let dated = json!({ "exists": { "field": "published_min" } });
        let decay = json!({ "published_min": { "origin": newest, "scale": half_life, "decay": 0.5 } });
        Ok(json!({ "function_score": { "query": query, "boost_mode": "multiply", "functions": [
            { "filter": dated, "exp": decay },
            // An undated article is taken for one half-life old.
            { "filter": { "bool": { "must_not": [dated] } }, "weight": 0.5 },
        ] } }))
    }

    /// A word is as rare in a headline as in the whole article, which the engine cannot know: it would take it for rarer.
    fn weigh_headlines(&self, query: &mut Value) -> Result<(), QueryError> {
        let mut stems = BTreeSet::new();
        each_headline(query, &mut |stem, _| _ = stems.insert(stem.to_string()));
        if stems.is_empty() {
            return Ok(());
        }
        let zones = ["title", "text", "boilerplate"];
        let holders = |stem: &String| {
            let of_zones: Map<String, Value> =
                zones.iter().map(|zone| ((*zone).into(), json!({ "term": { *zone: stem } }))).collect();
            (stem.clone(), json!({ "filters": { "filters": of_zones } }))
        };
        let mut counted: Map<String, Value> = stems.iter().map(holders).collect();
        counted.insert(" titled".into(), json!({ "filter": { "exists": { "field": "title" } } }));
        let body = json!({ "size": 0, "track_total_hits": true, "aggs": counted });
        let answer = self.search_raw(&body, "")?;
        let (articles, found) = (total(&answer)?, &answer["aggregations"]);
        let count = |value: &Value| value["doc_count"].as_u64().unwrap_or(0);
        each_headline(query, &mut |stem, weight| {
            let in_zone = |zone: &str| count(&found[stem]["buckets"][zone]);
            let whole = rarity(zones.iter().map(|zone| in_zone(zone)).max().unwrap_or(0), articles);
            let headline = rarity(in_zone("title"), count(&found[" titled"]).max(in_zone("title")));
            let usual = weight.as_f64().unwrap_or(0.0);
            *weight = json!(usual * f64::from(whole / headline));
        });
        Ok(())
    }

    fn hits(
        &self,
        plan: &Plan,
        request: &Request,
        scored: bool,
        answer: &Value,
    ) -> Result<Vec<Hit>, QueryError> {
        let found = answer["hits"]["hits"].as_array().map_or(&[][..], Vec::as_slice);
        let patterns = matchers(plan)?;
        let mut hits = Vec::with_capacity(found.len());
        for (number, hit) in found.iter().enumerate() {
            let (article, annotations) = self.article(&hit["_source"])?;
            let score = if scored { hit["_score"].as_f64().unwrap_or(0.0) as f32 } else { 0.0 };
            let notes = self.notes_of(plan, &patterns, &article);
            hits.push(Hit {
                rank: request.offset + number + 1,
                score,
                score_parts: Vec::new(),
                story: format!("{:016x}", index::tie_of(&article.id)),
                copies: 1,
                outlets: 1,
                snippets: Snippets::new(&notes, &self.tokenizer).of(&article),
                evidence: query::evidence(&article, &annotations, &notes, &self.tokenizer),
                article: Arc::new(article),
                annotations: Arc::new(annotations),
            });
        }
        Ok(hits)
    }

    /// What to look for in one article: which words of it fit the patterns is told by its own words.
    fn notes_of(&self, plan: &Plan, patterns: &[Matcher], article: &Article) -> Notes {
        let mut notes = plan.notes.clone();
        if patterns.is_empty() {
            return notes;
        }
        let mut words = BTreeSet::new();
        for block in article.paragraphs() {
            index::each_token(&self.tokenizer.as_written(), block.span.of(&article.text), |word, _, _, _| {
                if !words.contains(word) && patterns.iter().any(|fits| fits(word)) {
                    words.insert(word.to_string());
                }
            });
        }
        notes.written.extend(words);
        notes
    }

    /// Counts the matching articles by period of publication.
    ///
    /// # Errors
    /// If the query cannot be read or the cluster does not answer.
    pub fn timeline(
        &self,
        schema: &Schema,
        request: &Request,
        period: Period,
    ) -> Result<Timeline, QueryError> {
        let asked = Asked::new(self, schema, request)?;
        let plan = asked.plan(Aim::Matches)?;
        let total = asked.count(&plan.query)?;
        let day = |field: &str| json!({ "terms": { "field": field } });
        let mut days: FxHashMap<(i64, i64), u64> = FxHashMap::default();
        let sources = [("first", day("published_min")), ("last", day("published_max"))];
        self.each_bucket(&plan.query, &sources, |key, count| {
            let day =
                |name: &str| key[name].as_i64().ok_or_else(|| remote(Remote::Failed, "a day is no number"));
            *days.entry((day("first")?, day("last")?)).or_default() += count;
            Ok(())
        })?;
        let undated = total.saturating_sub(days.values().sum());
        let warnings = asked.remarks(&plan, total == 0)?;
        Ok(Timeline { buckets: query::by_period(&days, period), undated, warnings, partial: false })
    }

    /// Counts what is in the index.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn statistics(&self, schema: &Schema) -> Result<Statistics, QueryError> {
        let everything = Request::default();
        let years = self.timeline(schema, &everything, Period::Year)?;
        let articles = self.articles()?;
        let bytes = format!("/{}/_stats/store?filter_path=_all.total.store.size_in_bytes", self.name);
        let bytes = self.client.get(&bytes, Patience::Short)?;
        let files = json!({ "query": { "exists": { "field": "key" } } }).to_string();
        let path = format!("/{}/_count", self.files_index());
        let files = self.client.ask("POST", &path, Some(&files), Patience::Short)?.expect(&self.client)?;
        Ok(Statistics {
            articles,
            stories: articles,
            undated: years.undated,
            files: files["count"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
            roots: Vec::new(),
            bytes: bytes["_all"]["total"]["store"]["size_in_bytes"].as_u64().unwrap_or(0),
            first: years.buckets.first().map(|b| b.0),
            last: years.buckets.last().map(|b| b.0),
            schema: schema.hash.clone(),
            current: self.current_schema,
        })
    }

    /// Finds an article by its id, or by its path if one file has that path.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn find_article(&self, id: &str) -> Result<Option<(Article, Annotations)>, QueryError> {
        for field in ["id", "path"] {
            let body = json!({
                "size": 1, "_source": ["id", "article"], "query": { "term": { field: id } }, "sort": [{ "file": "asc" }],
            });
            let answer = self.search_raw(&body, "")?;
            if let Some(hit) = answer["hits"]["hits"].get(0) {
                return self.article(&hit["_source"]).map(Some);
            }
        }
        Ok(None)
    }
}

/// What tells words that fit the patterns of a query.
fn matchers(plan: &Plan) -> Result<Vec<Matcher>, QueryError> {
    plan.patterns.iter().map(query::word_matcher).collect()
}

/// The order of hits; equal ones by a hash of their id, as in every build of an index.
pub(super) fn order(sort: Sort, scored: bool) -> Value {
    let by = match sort {
        Sort::Relevance if scored => json!({ "_score": "desc" }),
        Sort::Relevance | Sort::Newest => json!({ "published_min": { "order": "desc", "missing": "_last" } }),
        Sort::Oldest => json!({ "published_min": { "order": "asc", "missing": "_last" } }),
    };
    json!([by, { "tie": "desc" }])
}
