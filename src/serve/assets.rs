//! The page, compiled into the binary.

use std::io::Read;
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::Response;
use axum::http::StatusCode;
use axum::http::header;
use flate2::Compression;
use flate2::bufread::GzEncoder;

/// A file of the page.
pub(super) struct Asset {
    pub path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
    tag: OnceLock<HeaderValue>,
    packed: OnceLock<Vec<u8>>,
}

impl Asset {
    const fn new(path: &'static str, kind: &'static str, bytes: &'static [u8]) -> Asset {
        Asset { path, kind, bytes, tag: OnceLock::new(), packed: OnceLock::new() }
    }
}

/// A module of the page's script.
macro_rules! script {
    ($name:literal) => {
        Asset::new(
            concat!("/assets/", $name),
            "text/javascript; charset=utf-8",
            include_bytes!(concat!("assets/", $name)),
        )
    };
}

/// All of them.
pub(super) static ASSETS: [Asset; 17] = [
    Asset::new("/", "text/html; charset=utf-8", include_bytes!("assets/index.html")),
    Asset::new("/assets/app.css", "text/css; charset=utf-8", include_bytes!("assets/app.css")),
    Asset::new("/assets/icon.svg", "image/svg+xml", include_bytes!("assets/icon.svg")),
    script!("api.js"),
    script!("app.js"),
    script!("article.js"),
    script!("dom.js"),
    script!("evidence.js"),
    script!("facets.js"),
    script!("help.js"),
    script!("hits.js"),
    script!("pairs.js"),
    script!("search-box.js"),
    script!("state.js"),
    script!("theme.js"),
    script!("timeline.js"),
    script!("words.js"),
];

impl Asset {
    /// Answers with the file, or with word that the browser's copy is the same.
    pub fn response(&'static self, asked: &HeaderMap) -> Response<Body> {
        let tag = self.tag.get_or_init(|| {
            let hash = blake3::hash(self.bytes).to_hex();
            // Weak: it stands for the file packed and as it is.
            HeaderValue::try_from(format!("W/\"{}\"", &hash[..16]))
                .unwrap_or(HeaderValue::from_static("\"\""))
        });
        let same = asked.get(header::IF_NONE_MATCH) == Some(tag);
        let packed = if takes_gzip(asked) { self.packed() } else { &[] };
        let bytes = if packed.is_empty() { self.bytes } else { packed };
        let mut response = Response::new(if same { Body::empty() } else { Body::from(bytes) });
        if same {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        if !same && !packed.is_empty() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(header::ETAG, tag.clone());
        // Another version of the program has other files under the same names.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }

    /// The file packed, which is a third of it; empty if it cannot be.
    fn packed(&'static self) -> &'static [u8] {
        self.packed.get_or_init(|| {
            let mut packed = Vec::new();
            match GzEncoder::new(self.bytes, Compression::best()).read_to_end(&mut packed) {
                Ok(_) => packed,
                Err(_) => Vec::new(),
            }
        })
    }
}

/// Tells whether an asker names gzip among what it can unpack.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        name.trim() == "gzip" && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}
