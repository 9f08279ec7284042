//! From a request to its answer: admitted, routed, asked on a thread, counted.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::Response;
use axum::http::StatusCode;
use axum::http::header;
use axum::routing::get;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use serde_json::json;

use super::Shared;
use super::answers::Answer;
use super::answers::Asked;
use super::assets::ASSETS;
use super::export;
use super::guard;
use super::metrics;
use super::openapi;
use super::params::Given;
use super::problem::Problem;
use super::routes::DOCUMENT;
use super::routes::HEALTH;
use super::routes::METRICS;
use super::routes::ROUTES;
use super::routes::Route;

/// Name of a route, for the metrics; part of an answer and never sent.
#[derive(Clone, Copy)]
struct Named(&'static str);

/// Makes the routes.
pub(super) fn router(shared: &Arc<Shared>) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let shared = Arc::clone(shared);
        let answer = move |part: Result<Path<String>, PathRejection>, RawQuery(query): RawQuery| async move {
            named(route.name, answer(shared, route, part, query).await)
        };
        let answer_whole = answer.clone();
        router = match route.part {
            Some(_) => router.route(route.path, get(answer)),
            None => router
                .route(route.path, get(move |query: RawQuery| answer_whole(Ok(Path(String::new())), query))),
        };
    }
    for asset in &ASSETS {
        let file = move |headers: HeaderMap| async move { named("page", asset.response(&headers)) };
        router = router.route(asset.path, get(file));
    }
    for path in HEALTH {
        router = router.route(path, get(async || named("health", json_response(&json!({ "status": "ok" })))));
    }
    for path in METRICS {
        let shared = Arc::clone(shared);
        router = router.route(path, get(async move || named("metrics", metrics_response(&shared))));
    }
    router
        .route(DOCUMENT, get(async || named("openapi", json_text(openapi::document().to_string()))))
        .fallback(async || named("none", Problem::not_found("there is no such page").response()))
        .method_not_allowed_fallback(async || {
            let detail = "only GET and HEAD are answered";
            named("none", Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail).response())
        })
}

/// Answers a request, whatever it is.
pub(super) async fn respond(shared: &Shared, router: Router, request: Request<Incoming>) -> Response<Body> {
    let started = Instant::now();
    shared.metrics.in_flight.inc();
    let (parts, body) = request.into_parts();
    let mut response = match shared.guard.admit(&parts) {
        Ok(()) => {
            let request = Request::from_parts(parts, Body::new(body));
            let Ok(response) = TowerToHyperService::new(router).call(request).await;
            response
        }
        Err(problem) => {
            let mut response = problem.response();
            // What else the connection holds may be the body of what was refused.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    };
    guard::secure(&mut response);
    let route = response.extensions().get::<Named>().map_or("refused", |named| named.0);
    shared.metrics.note(route, response.status(), started.elapsed());
    shared.metrics.in_flight.dec();
    response
}

async fn answer(
    shared: Arc<Shared>,
    route: &'static Route,
    part: Result<Path<String>, PathRejection>,
    query: Option<String>,
) -> Response<Body> {
    match answer_or_problem(shared, route, part, query).await {
        Ok(response) => response,
        Err(problem) => problem.response(),
    }
}

async fn answer_or_problem(
    shared: Arc<Shared>,
    route: &'static Route,
    part: Result<Path<String>, PathRejection>,
    query: Option<String>,
) -> Result<Response<Body>, Problem> {
    let Path(part) = part.map_err(|_| Problem::wrong("the path is not UTF-8"))?;
    let given = Given::read(query.as_deref(), route.parameters)?;
    let ask = match route.answer {
        Answer::Json(ask) => ask,
        Answer::Export => return export::response(&shared, given).await,
    };
    let asking = Arc::clone(&shared);
    let work = move || {
        let now = asking.live.snapshot();
        let asked = Asked { now: &now, schema: asking.schema, given: &given, part: &part };
        // Made into text here: a long answer would keep the others from being read.
        Ok(ask(&asked)?.to_string())
    };
    shared.workers.run(work).await.map(json_text)
}

fn named(name: &'static str, mut response: Response<Body>) -> Response<Body> {
    response.extensions_mut().insert(Named(name));
    response
}

fn json_response(value: &Value) -> Response<Body> {
    json_text(value.to_string())
}

fn json_text(text: String) -> Response<Body> {
    with_type("application/json", text)
}

fn metrics_response(shared: &Shared) -> Response<Body> {
    with_type(metrics::CONTENT_TYPE, metrics::text(shared))
}

fn with_type(kind: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
