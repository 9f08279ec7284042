//! What a server meets besides its own page: other sites, guessers, garbage, silence, and crowds. Rows 29 to 35 of the
//! plan against faults.

use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;
use std::time::Instant;

use serde_json::json;

use crate::scratch::Scratch;
use crate::server::Answer;
use crate::server::Server;
use crate::server::escaped;

const SEARCH: &str = "/api/v1/search?q=ceasefire";
const TOKEN: &str = "a-token-of-this-test-0123456789";

#[test]
fn text_of_articles_is_never_markup() {
    let scratch = Scratch::new();
    let hostile =
        "<script>alert(1)</script> \"onmouseover=\"alert(2) </script><mark>ceasefire</mark> &lt;b&gt;";
    let record = json!({
        "id": "<img src=x onerror=alert(3)>", "title": format!("Ceasefire {hostile}"), "text": format!("A ceasefire. {hostile}"),
        "url": "javascript:alert(4)", "source": "</title><script>alert(5)</script>",
    });
    scratch.write("news/a.jsonl", format!("{record}\n"));
    scratch.dateline(["index", "news"]).run().expect_code(0);
    let server = Server::start(&scratch, &[]);
    let id = escaped("<img_src=x_onerror=alert(3)>");
    for path in [SEARCH.to_string(), format!("/api/v1/articles/{id}"), format!("/?q={}", escaped(hostile))] {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let kind = answer.header("content-type").unwrap();
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        if path.starts_with("/api") {
            assert_eq!(kind, "application/json", "{path}");
            assert!(answer.json().to_string().contains("<script>alert(1)"), "{path}: the text is not whole");
        } else {
            assert!(!answer.body.contains("alert("), "{path}: the page repeats its address");
        }
    }
    let error = server.get(&format!("/api/v1/search?q={}", escaped("<script>alert(1)</script> (")));
    assert_eq!(error.header("content-type"), Some("application/problem+json"));
}

#[test]
fn every_answer_forbids_what_a_browser_need_not_do() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                  frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
    for path in
        ["/", "/assets/app.js", SEARCH, "/nowhere", "/api/v1/search?q=(", "/api/v1/export", "/metrics"]
    {
        let answer = server.get(path);
        for (name, value) in [
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert!(!answer.headers.iter().any(|(name, _)| name.starts_with("access-control")), "{path}");
        assert!(answer.header("cache-control").is_some(), "{path}");
    }
    assert_eq!(
        server.get_with(SEARCH, &[("Host", "evil.com")]).header("content-security-policy"),
        Some(policy)
    );
}

#[test]
fn no_path_leads_to_a_file() {
    let scratch = Scratch::indexed();
    scratch.write("secret.txt", "SECRET");
    let server = Server::start(&scratch, &[]);
    let ups = [
        "/../../etc/passwd",
        "/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/..\\..\\secret.txt",
        "/assets/app.js%00.txt",
        "/assets//etc/passwd",
        "/api/v1/articles/..%2f..%2fsecret.txt",
        "/api/v1/articles/%2Fetc%2Fpasswd",
        "/api/v1/articles/%00",
        "/api/v1/articles/secret.txt",
        "/api/v1/articles/.dateline%2Fmeta.json",
        "//etc/passwd",
        "/assets/",
    ];
    for path in ups {
        let answer = server.get(path);
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains("root:") && !answer.body.contains("SECRET"), "{path}");
    }
}

#[test]
fn other_hosts_and_other_sites_are_refused() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &["--host", "news.example"]);
    let port = server.address.port();
    for (host, status) in [
        (format!("localhost:{port}"), 200),
        (format!("127.0.0.1:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        (format!("news.example:{port}"), 200),
        (format!("localhost.evil.com:{port}"), 421),
        (format!("evil.com:{port}"), 421),
        ("localhost".into(), 421),
        (format!("localhost:{}", port ^ 1), 421),
        (String::new(), 421),
    ] {
        assert_eq!(server.get_with(SEARCH, &[("Host", &host)]).status, status, "{host}");
    }
    assert_eq!(
        server.raw(format!("GET {SEARCH} HTTP/1.1\r\nConnection: close\r\n\r\n")).problem()["status"],
        421
    );
    assert_eq!(server.raw(format!("GET {SEARCH} HTTP/1.0\r\n\r\n")).status, 421);
    let absolute = format!(
        "GET http://evil.com{SEARCH} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(server.raw(absolute).status, 421);
    for (origin, status) in [
        (format!("http://127.0.0.1:{port}"), 200),
        ("http://evil.com".into(), 403),
        ("null".into(), 403),
        (format!("http://localhost.evil.com:{port}"), 403),
    ] {
        assert_eq!(server.get_with(SEARCH, &[("Origin", &origin)]).status, status, "{origin}");
    }
    let embedded = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")];
    assert_eq!(server.get_with(SEARCH, &embedded).status, 403);
    let followed = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")];
    assert_eq!(server.get_with("/?q=ceasefire", &followed).status, 200);
}

#[test]
fn nothing_but_reading_is_answered() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    let host = server.address;
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
        let answer = server.raw(format!(
            "{method} {SEARCH} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 3\r\n\r\na=b"
        ));
        assert_eq!(answer.problem()["status"], 405, "{method}");
    }
    let with_body =
        |head: &str| server.raw(format!("GET {SEARCH} HTTP/1.1\r\nHost: {host}\r\n{head}\r\n\r\n")).status;
    assert_eq!(with_body("Content-Length: 99999999999"), 413);
    assert_eq!(with_body("Transfer-Encoding: chunked"), 413);
    let head = server.raw(format!("HEAD {SEARCH} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn the_token_is_asked_for_and_never_told() {
    let scratch = Scratch::indexed();
    scratch.write("token", format!("{TOKEN}\n"));
    let server = Server::start(&scratch, &["--token-file", "token", "--bind", "0.0.0.0"]);
    // "x:TOKEN" as a browser's prompt sends it
    let basic = "Basic eDphLXRva2VuLW9mLXRoaXMtdGVzdC0wMTIzNDU2Nzg5";
    let right = format!("Bearer {TOKEN}");
    for (value, status) in [
        (right.as_str(), 200),
        (basic, 200),
        ("", 401),
        ("Bearer", 401),
        ("Bearer a-token-of-this-test-012345678", 401),
        ("Bearer a-token-of-this-test-0123456780", 401),
        ("Bearer a-token-of-this-test-01234567890", 401),
        ("Basic !!!", 401),
        (TOKEN, 401),
    ] {
        assert_eq!(server.get_with(SEARCH, &[("Authorization", value)]).status, status, "{value}");
    }
    let none = server.get(&format!("{SEARCH}&token={TOKEN}"));
    assert_eq!(none.problem()["status"], 401);
    assert!(none.header("www-authenticate").is_some_and(|offered| offered.starts_with("Basic")));
    assert!(!none.body.contains(TOKEN));
    for path in ["/", "/metrics", "/api/v1/openapi.json", "/api/v1/export", "/nowhere"] {
        assert_eq!(server.get(path).status, 401, "{path}");
    }
    assert_eq!(server.get("/api/v1/health").status, 200);
    assert!(!server.get_with("/metrics", &[("Authorization", &right)]).body.contains(TOKEN));
}

#[test]
fn long_and_broken_requests_are_refused_and_others_are_served() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    let host = server.address;
    let head = format!("GET {SEARCH} HTTP/1.1\r\nHost: {host}\r\n");
    let long = "a".repeat(40_000);
    let many: String = (0..500).map(|i| format!("X-{i}: y\r\n")).collect();
    let smuggled =
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n";
    // 0: what is still on its way when the connection is closed may take the answer with it.
    for (what, request, statuses) in [
        ("a long header", format!("{head}X: {long}\r\n\r\n"), &[0, 431][..]),
        ("many headers", format!("{head}{many}\r\n"), &[0, 431]),
        ("a header of 100 MB", format!("{head}X: {}", "a".repeat(100_000_000)), &[0, 431]),
        (
            "a long address",
            format!("GET {SEARCH}{} HTTP/1.1\r\nHost: {host}\r\n\r\n", &long[..28_000]),
            &[414],
        ),
        (
            "a longer one",
            format!("GET /{} HTTP/1.1\r\nHost: {host}\r\n\r\n", "a".repeat(70_000)),
            &[0, 414, 431],
        ),
        (
            "a long query",
            format!("GET {SEARCH}{} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n", &long[..9_000]),
            &[413],
        ),
        ("two lengths", format!("{head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), &[400]),
        ("a wrong length", format!("{head}Content-Length: -1\r\n\r\n"), &[400]),
        ("length and chunks", format!("{head}{smuggled}"), &[400, 413]),
        (
            "a chunk without sense",
            format!("{head}Transfer-Encoding: chunked\r\n\r\nZZZ\r\n\r\n"),
            &[400, 413],
        ),
        ("an unknown encoding", format!("{head}Transfer-Encoding: tricky\r\n\r\n"), &[400, 413]),
        ("a space before the colon", format!("{head}X : y\r\n\r\n"), &[400]),
        ("a folded header", format!("{head}X: y\r\n z\r\n\r\n"), &[400]),
        ("a bare control character", format!("{head}X: \u{1}\r\n\r\n"), &[400]),
        ("no HTTP", "\u{16}\u{3}\u{1}hello\r\n\r\n".into(), &[0, 400]),
        ("another version", format!("GET / HTTP/9.9\r\nHost: {host}\r\n\r\n"), &[400]),
        ("nothing", String::new(), &[0]),
    ] {
        let mut stream = server.connect();
        let _ = stream.write_all(request.as_bytes());
        if request.is_empty() {
            let _ = stream.shutdown(std::net::Shutdown::Write);
        }
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let status = status_of(&bytes);
        assert!(statuses.contains(&status), "{what}: {status}");
        assert!(
            !String::from_utf8_lossy(&bytes).contains("dateline_requests"),
            "{what}: a second request was answered"
        );
        assert_eq!(server.get(SEARCH).status, 200, "after {what}");
    }
}

fn status_of(bytes: &[u8]) -> u16 {
    String::from_utf8_lossy(bytes).split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0)
}

#[test]
fn who_is_slow_or_silent_keeps_nobody_waiting() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    let mut slow = server.connect();
    slow.write_all(format!("GET {SEARCH} HTTP/1.1\r\nHost: {}\r\n", server.address).as_bytes()).unwrap();
    // More than there are places for.
    let silent: Vec<TcpStream> = (0..600).filter_map(|_| TcpStream::connect(server.address).ok()).collect();
    assert!(silent.len() > 300, "{} connections", silent.len());
    for _ in 0..20 {
        let started = Instant::now();
        assert_eq!(server.get(SEARCH).status, 200);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
    drop(silent);
    // A header now and then is not enough to stay.
    let mut dripping = server.connect();
    dripping.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    let started = Instant::now();
    while dripping.write_all(b"X: y\r\n").is_ok() {
        assert!(started.elapsed() < Duration::from_secs(20), "a head may take for ever");
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(started.elapsed() > Duration::from_secs(5), "{:?}", started.elapsed());
}

#[cfg(target_os = "linux")]
#[test]
fn a_crowd_with_heavy_queries_gets_answers_or_is_told_to_come_again() {
    let scratch = Scratch::new();
    for n in 0..40 {
        let words: String = (0..400).map(|w| format!("w{n}x{w} ")).collect();
        scratch.write(&format!("news/{n}.txt"), format!("Article {n}\n\nThe ceasefire held. {words}\n"));
    }
    scratch.dateline(["index", "news"]).run().expect_code(0);
    let server = Server::start(&scratch, &["--threads", "2"]);
    let before = memory(server.pid());
    let heavy = escaped(&(0..80).map(|n| format!("w{}x*", n % 40)).collect::<Vec<_>>().join(" OR "));
    let heavy = format!("/api/v1/search?limit=1000&facets=actor:1000&q={heavy}");
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..64).map(|_| scope.spawn(|| server.get(&heavy))).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let mut answered = 0;
    for answer in &answers {
        match answer.status {
            200 => answered += 1,
            429 | 503 => assert!(answer.header("retry-after").is_some(), "{answer:?}"),
            other => panic!("{other}: {}", &answer.body[..answer.body.len().min(300)]),
        }
    }
    assert!(answered > 0);
    assert!(answered < 64, "nobody was told to come again");
    assert_eq!(server.get(SEARCH).status, 200);
    let grown = memory(server.pid()).saturating_sub(before);
    assert!(grown < 300 << 20, "{} MB more", grown >> 20);
}

/// Memory of a process, in bytes.
#[cfg(target_os = "linux")]
fn memory(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// Every socket of the process: it listens, it answers, and it opens none of its own.
#[cfg(target_os = "linux")]
#[test]
fn no_connection_is_opened_from_here() {
    let scratch = Scratch::new();
    let page = "<html><head><link rel=stylesheet href=http://127.0.0.1:9/x.css><!DOCTYPE x SYSTEM \"http://127.0.0.1:9/x.dtd\">\
                </head><body><h1>Ceasefire holds</h1><p>The ceasefire held near the river on Monday.</p>\
                <img src=http://127.0.0.1:9/x.png></body></html>";
    scratch.write("news/page.html", page);
    scratch.dateline(["index", "news"]).run();
    let server = Server::start(&scratch, &[]);
    for path in ["/", SEARCH, "/api/v1/export", "/api/v1/stats", "/metrics"] {
        server.get(path);
    }
    assert_eq!(sockets_to_others(server.pid(), server.address.port()), [""; 0]);
}

/// TCP sockets of a process whose own port is not the one that it listens on.
#[cfg(target_os = "linux")]
fn sockets_to_others(pid: u32, port: u16) -> Vec<String> {
    let open: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .flatten()
        .filter_map(|file| std::fs::read_link(file.path()).ok()?.into_os_string().into_string().ok())
        .collect();
    let tables = ["tcp", "tcp6", "udp", "udp6"]
        .map(|t| std::fs::read_to_string(format!("/proc/{pid}/net/{t}")).unwrap_or_default());
    let of_process = |line: &&str| {
        let inode = line.split_whitespace().nth(9).unwrap_or("");
        open.contains(&format!("socket:[{inode}]"))
    };
    let own = |line: &&str| {
        line.split_whitespace().nth(1).is_some_and(|local| local.ends_with(&format!(":{port:04X}")))
    };
    let lines = tables.iter().flat_map(|table| table.lines().skip(1)).filter(of_process);
    lines.filter(|line| !own(line)).map(str::to_string).collect()
}
