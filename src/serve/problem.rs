//! What went wrong, as `application/problem+json`.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::Response;
use axum::http::StatusCode;
use axum::http::header;
use serde_json::json;

use crate::query::QueryError;

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub status: StatusCode,
    /// What is wrong and what to do, for people.
    pub detail: String,
    /// The byte of the query that it is about.
    pub position: Option<usize>,
}

/// Seconds after which to ask again.
const AGAIN: &str = "1";

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem { status, detail: detail.into(), position: None }
    }

    /// The request itself is wrong.
    pub fn wrong(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, detail)
    }

    pub fn response(&self) -> Response<Body> {
        let mut value = json!({
            "type": "about:blank", "title": self.status.canonical_reason().unwrap_or("error"),
            "status": self.status.as_u16(), "detail": self.detail,
        });
        if let Some(position) = self.position {
            value["position"] = position.into();
        }
        let mut response = Response::new(Body::from(value.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(AGAIN));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // A browser asks its user for a name, which may be anything, and a password, which is the token.
            let offered = HeaderValue::from_static("Basic realm=\"Dateline\", charset=\"UTF-8\"");
            headers.append(header::WWW_AUTHENTICATE, offered);
            headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Problem {
        match error {
            QueryError::Syntax { message, byte, .. } => {
                Problem { position: Some(byte), ..Problem::wrong(message) }
            }
            QueryError::Usage(message) => Problem::wrong(message),
            QueryError::TimedOut => Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            QueryError::Remote { text, .. } => Problem::new(StatusCode::SERVICE_UNAVAILABLE, text),
            QueryError::Index(error) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }
}
