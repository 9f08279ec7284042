//! Who may ask: only requests that name this server, come from its own page or from a program, and show the token.
//!
//! A page of another site can make a browser send requests here. It cannot make it name us as `Host` and keep the
//! answer (DNS rebinding), and a browser tells by `Origin` and `Sec-Fetch-Site` which site a request comes from.

use std::net::IpAddr;
use std::net::SocketAddr;

use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::Response;
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use base64::Engine;

use super::ServeError;
use super::problem::Problem;
use super::routes::HEALTH;

/// Characters that a token must have.
pub(super) const SHORTEST_TOKEN: usize = 16;

/// Longest address of a request, in bytes: a query of the longest kind with every byte escaped.
const LONGEST_ADDRESS: usize = 26 * 1024;

/// What a request must show, as its hash: comparing hashes takes as long for every wrong token.
#[derive(Clone)]
pub struct Token(blake3::Hash);

impl Token {
    /// Takes a token as a file holds it, without the white space around it.
    ///
    /// # Errors
    /// If it is too short.
    pub fn new(text: &str) -> Result<Token, ServeError> {
        let text = text.trim();
        match text.chars().count() {
            short if short < SHORTEST_TOKEN => Err(ServeError::ShortToken(short)),
            _ => Ok(Token(blake3::hash(text.as_bytes()))),
        }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

/// What requests are measured by.
pub(super) struct Guard {
    /// Names with a port, in lower case.
    hosts: Vec<String>,
    /// The port, where any address in figures will do: nobody can rebind figures.
    figures: Option<u16>,
    token: Option<Token>,
}

impl Guard {
    /// `hosts` are names besides the usual ones; one without a port has that of the address.
    pub fn new(address: SocketAddr, token: Option<Token>, hosts: &[String]) -> Guard {
        let port = address.port();
        let mut names: Vec<String> = Vec::new();
        for host in ["localhost", "127.0.0.1", "[::1]"].into_iter().chain(hosts.iter().map(String::as_str)) {
            let host = host.to_lowercase();
            let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
            names.push(if has_port { host } else { format!("{host}:{port}") });
        }
        names.push(address.to_string());
        Guard { hosts: names, figures: (!address.ip().is_loopback()).then_some(port), token }
    }

    /// Refuses what may not be answered.
    pub fn admit(&self, request: &Parts) -> Result<(), Problem> {
        if request.uri.to_string().len() > LONGEST_ADDRESS {
            let detail = format!("the address has more than {LONGEST_ADDRESS} bytes");
            return Err(Problem::new(StatusCode::URI_TOO_LONG, detail));
        }
        self.host(request)?;
        self.origin(request)?;
        if let Some(token) = &self.token
            && !HEALTH.contains(&request.uri.path())
            && !shown(&request.headers).is_some_and(|shown| blake3::hash(&shown) == token.0)
        {
            let detail =
                "send the token as `Authorization: Bearer TOKEN`, or as the password of a browser's prompt";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, detail));
        }
        if !matches!(request.method, Method::GET | Method::HEAD) {
            return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered"));
        }
        if has_body(&request.headers) {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "send no body: nothing here reads one"));
        }
        Ok(())
    }

    fn host(&self, request: &Parts) -> Result<(), Problem> {
        let refused = || {
            let detail = "this server has another name and port: those of a Host other than localhost are named with --host";
            Problem::new(StatusCode::MISDIRECTED_REQUEST, detail)
        };
        let mut hosts = request.headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(refused()) };
        let named = |host: &str| self.is_own(host);
        let own = host.to_str().is_ok_and(named)
            && request.uri.authority().is_none_or(|authority| named(authority.as_str()));
        if own { Ok(()) } else { Err(refused()) }
    }

    /// Tells whether a name with its port is one of this server's.
    fn is_own(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        // Where the port is that of all pages, a browser leaves it out.
        let host = if has_port(&host) { host } else { format!("{host}:80") };
        let in_figures = |port: u16| {
            let name = host.strip_suffix(&format!(":{port}"));
            name.is_some_and(|name| name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok())
        };
        self.hosts.contains(&host) || self.figures.is_some_and(in_figures)
    }

    /// A page of this server, a program, or a link that somebody followed; not another site's page.
    fn origin(&self, request: &Parts) -> Result<(), Problem> {
        let refused = || Problem::new(StatusCode::FORBIDDEN, "asked by a page of another site");
        if let Some(origin) = request.headers.get(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or_default();
            let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            let secure = origin.starts_with("https://");
            let own = |host: &str| self.is_own(host) || secure && self.is_own(&format!("{host}:443"));
            return if host.is_some_and(own) { Ok(()) } else { Err(refused()) };
        }
        let header = |name: &'static str| request.headers.get(name).and_then(|v| v.to_str().ok());
        let other = matches!(header("sec-fetch-site"), Some("cross-site" | "same-site"));
        let link = header("sec-fetch-mode") == Some("navigate") && !request.uri.path().starts_with("/api/");
        if other && !link { Err(refused()) } else { Ok(()) }
    }
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok())
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    length.is_some_and(|length| length != "0") || headers.contains_key(header::TRANSFER_ENCODING)
}

/// The token that a request shows.
fn shown(headers: &HeaderMap) -> Option<Vec<u8>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().as_bytes().to_vec());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    Some(pair[colon + 1..].to_vec())
}

/// What every answer says of itself, so that a browser runs nothing in it and shows it nowhere else.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Writes them into an answer; what nobody said how long to keep is not kept.
pub(super) fn secure<B>(response: &mut Response<B>) {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(guard: &Guard, headers: &[(&str, &str)]) -> u16 {
        let mut request = axum::http::Request::builder().uri("/api/v1/search?q=x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let parts = request.body(()).map(|r| r.into_parts().0);
        match parts.map(|parts| guard.admit(&parts)) {
            Ok(Ok(())) => 200,
            Ok(Err(problem)) => problem.status.as_u16(),
            Err(_) => 0,
        }
    }

    #[test]
    fn names_of_this_server_are_told_from_names_like_them() {
        let guard =
            Guard::new(([127, 0, 0, 1], 7777).into(), None, &["news.example:80".into(), "desk".into()]);
        for own in
            ["localhost:7777", "LOCALHOST:7777", "127.0.0.1:7777", "[::1]:7777", "news.example", "desk:7777"]
        {
            assert_eq!(admitted(&guard, &[("host", own)]), 200, "{own}");
        }
        let others = [
            "localhost",
            "localhost:7778",
            "localhost.evil.com:7777",
            "evil.com",
            "127.0.0.1.evil.com:7777",
            "10.0.0.1:7777",
            "localhost:7777@evil.com",
            "",
            "desk",
        ];
        for other in others {
            assert_eq!(admitted(&guard, &[("host", other)]), 421, "{other}");
        }
        assert_eq!(admitted(&guard, &[]), 421);
        assert_eq!(admitted(&guard, &[("host", "localhost:7777"), ("host", "evil.com")]), 421);
    }

    #[test]
    fn any_address_in_figures_will_do_for_a_server_of_the_network() {
        let guard = Guard::new(([0, 0, 0, 0], 7777).into(), None, &[]);
        for (host, status) in
            [("10.1.2.3:7777", 200), ("[fe80::1]:7777", 200), ("10.1.2.3:80", 421), ("evil.com:7777", 421)]
        {
            assert_eq!(admitted(&guard, &[("host", host)]), status, "{host}");
        }
    }

    #[test]
    fn pages_of_other_sites_are_refused_and_links_are_not() {
        let guard = Guard::new(([127, 0, 0, 1], 7777).into(), None, &[]);
        let host = ("host", "localhost:7777");
        for (origin, status) in [
            ("http://localhost:7777", 200),
            ("http://127.0.0.1:7777", 200),
            ("http://localhost:8080", 403),
            ("null", 403),
            ("https://evil.com", 403),
            ("http://localhost:7777.evil.com", 403),
            ("file://localhost:7777", 403),
        ] {
            assert_eq!(admitted(&guard, &[host, ("origin", origin)]), status, "{origin}");
        }
        assert_eq!(admitted(&guard, &[host, ("sec-fetch-site", "same-origin")]), 200);
        assert_eq!(
            admitted(&guard, &[host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")]),
            403
        );
        assert_eq!(
            admitted(&guard, &[host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]),
            403
        );
    }
}
