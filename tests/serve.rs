//! The API of `dateline serve`: the answers of the commands, as the OpenAPI document tells them.

use serde_json::Value;
use serde_json::json;

use crate::scratch::Scratch;
use crate::server::Server;
use crate::server::escaped;
use crate::server::within;

const API: &str = "/api/v1";

/// Each route, and the command that prints the same.
const SAME: &[(&str, &[&str])] = &[
    ("/search?q=ceasefire", &["search", "ceasefire"]),
    (
        "/search?q=ceasefire&limit=1&offset=1&sort=oldest&facets=broker:2,source",
        &[
            "search",
            "ceasefire",
            "-n",
            "1",
            "--offset",
            "1",
            "--sort",
            "oldest",
            "--facets",
            "broker:2,source",
        ],
    ),
    (
        "/search?q=Doha+shelling&any=true&explain=true&facets=none&recency=30d&all=true",
        &["search", "Doha shelling", "--any", "--explain", "--facets", "none", "--recency", "30d", "--all"],
    ),
    (
        "/search?f=broker%3DTurkey&f=broker%3DMoscow&f=source!%3DNobody",
        &["search", "-f", "broker=Turkey", "-f", "broker=Moscow", "-f", "source!=Nobody"],
    ),
    ("/search?q=broker:Russia&plain=true&expand=true", &["search", "broker:Russia", "--plain", "--expand"]),
    ("/search?from=2020-10&to=2022", &["search", "--from", "2020-10", "--to", "2022"]),
    ("/facets/broker?evidence=true", &["facets", "broker", "--evidence"]),
    (
        "/facets/org?q=ceasefire&prefix=un&limit=1",
        &["facets", "org", "ceasefire", "--prefix", "un", "-n", "1"],
    ),
    ("/timeline?q=ceasefire&by=year", &["timeline", "ceasefire", "--by", "year"]),
    ("/timeline", &["timeline"]),
    ("/articles/t2", &["show", "t2"]),
    ("/articles/news%2Fvalley.txt", &["show", "news/valley.txt"]),
    ("/articles/t1/similar?limit=2", &["similar", "t1", "-n", "2"]),
    ("/matrix?rows=accuser&columns=accused", &["matrix", "accuser", "accused"]),
    ("/stats", &["stats"]),
];

fn without_time(mut value: Value) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.remove("took_ms");
    }
    value
}

#[test]
fn routes_answer_with_what_the_commands_print() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    for (path, command) in SAME {
        let served = server.json(&format!("{API}{path}"));
        let printed = scratch.dateline([*command, &["--json"]].concat()).run().json();
        assert_eq!(without_time(served), without_time(printed), "{path}");
    }
}

#[test]
fn an_export_is_what_the_command_writes() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    for what in ["articles", "events"] {
        for format in ["jsonl", "csv"] {
            let path = format!("{API}/export?q=ceasefire&what={what}&format={format}");
            let answer = server.get(&path);
            let args = ["export", "ceasefire", "--what", what, "--format", format];
            assert_eq!(answer.body, scratch.dateline(args).run().stdout, "{path}");
            let name = format!("attachment; filename=\"dateline-{what}.{format}\"");
            assert_eq!(answer.header("content-disposition"), Some(name.as_str()));
        }
    }
    let events = server.json(&format!("{API}/events?q=ceasefire&limit=1&offset=1"));
    let written = scratch.dateline(["export", "ceasefire", "--what", "events"]).run().json_lines();
    assert_eq!(events, json!({ "total": written.len(), "partial": false, "events": [written[1]] }));
    assert_eq!(server.get(&format!("{API}/export?q=(a")).problem()["status"], 400);
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    let problem = |path: &str| server.get(&format!("{API}{path}")).problem();
    let wrong = problem("/search?q=truce+(a");
    assert_eq!((&wrong["status"], &wrong["position"]), (&json!(400), &json!(6)), "{wrong}");
    for (path, status, piece) in [
        ("/search?query=x", 400, "no parameter `query` here: there are q, f,"),
        ("/search?limit=-1", 400, "from 0 to 1000"),
        ("/search?limit=10000000000000000000000", 400, "from 0 to 1000"),
        ("/search?limit=2&limit=3", 400, "limit is given twice"),
        ("/search?any=perhaps", 400, "write true or false"),
        ("/search?sort=best", 400, "relevance, newest, oldest"),
        ("/search?f=broker", 400, "FIELD=VALUE"),
        ("/search?facets=nonsense", 400, "is no facet"),
        ("/facets/brokr", 400, "did you mean `broker`?"),
        ("/timeline?by=hour", 400, "month, day, week, year"),
        ("/matrix?rows=accuser", 400, "columns is missing"),
        ("/articles/nobody", 404, "nobody"),
        ("/articles/nobody/similar", 404, "nobody"),
        ("/articles/%FF", 400, "UTF-8"),
        ("/nowhere", 404, "no such page"),
    ] {
        let problem = problem(path);
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(problem["status"], status, "{path}: {detail}");
        assert!(detail.contains(piece), "{path}: {detail}");
    }
}

#[test]
fn suggestions_are_fields_and_values_by_any_word() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    let found = |prefix: &str| {
        let answer = server.json(&format!("{API}/suggest?limit=4&prefix={}", escaped(prefix)));
        let all = answer["suggestions"].as_array().unwrap().clone();
        all.iter().map(|s| format!("{} {}", s["insert"].as_str().unwrap(), s["count"])).collect::<Vec<_>>()
    };
    assert_eq!(found("BRO"), ["broker: 3"]);
    assert_eq!(found("broker:ru"), ["broker:Russia 1"]);
    assert_eq!(found("arme")[..2], ["actor:Armenia 2", "country:Armenia 2"]);
    assert_eq!(found("nations")[0], "actor:\"United Nations\" 1");
    assert_eq!(found("outlet:cour"), ["source:\"The Courier\" 2"]);
    assert_eq!(found("zeppelin"), [""; 0]);
    // What is suggested can be asked.
    let inserted = found("nations")[0].rsplit_once(' ').unwrap().0.to_string();
    assert_eq!(server.json(&format!("{API}/search?q={}", escaped(&inserted)))["total"], 1);
}

/// The document itself, and what it says of an operation.
fn document(server: &Server) -> Value {
    server.json(&format!("{API}/openapi.json"))
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().map(|(path, item)| (path.clone(), item["get"].clone())).collect()
}

/// A value of each parameter that the server must take.
fn example(parameter: &Value) -> &'static str {
    match parameter["name"].as_str().unwrap() {
        "q" => "ceasefire",
        "f" => "broker=Russia",
        "from" => "2020",
        "to" => "2023",
        "any" | "plain" | "all" | "expand" | "explain" | "evidence" => "true",
        "sort" => "newest",
        "recency" => "30d",
        "facets" => "broker:3,actor",
        "prefix" => "r",
        "limit" => "3",
        "offset" => "1",
        "by" => "week",
        "rows" => "accuser",
        "columns" => "accused",
        "what" => "events",
        "format" => "csv",
        "field" => "broker",
        "id" => "t2",
        other => panic!("the document has a new parameter {other}: give an example of it here"),
    }
}

/// Addresses of an operation: with what it requires alone, and then with each parameter.
fn addresses(path: &str, operation: &Value) -> Vec<String> {
    let none = Vec::new();
    let parameters = operation["parameters"].as_array().unwrap_or(&none);
    let mut base = path.to_string();
    let mut required = Vec::new();
    for parameter in parameters.iter().filter(|p| p["required"] == true) {
        let name = parameter["name"].as_str().unwrap();
        if parameter["in"] == "path" {
            base = base.replace(&format!("{{{name}}}"), example(parameter));
        } else {
            required.push(format!("{name}={}", escaped(example(parameter))));
        }
    }
    let mut all = vec![format!("{base}?{}", required.join("&"))];
    for parameter in parameters.iter().filter(|p| p["required"] != true) {
        let name = parameter["name"].as_str().unwrap();
        all.push(format!("{base}?{}&{name}={}", required.join("&"), escaped(example(parameter))));
    }
    all
}

#[test]
fn the_document_tells_every_route_and_every_answer() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    let document = document(&server);
    assert_eq!(document["openapi"], "3.1.0");
    let mut seen = 0;
    for (path, operation) in operations(&document) {
        for address in addresses(&path, &operation) {
            let answer = server.get(&address);
            assert_eq!(answer.status, 200, "{address}: {}", answer.body);
            let kind = answer.header("content-type").unwrap().split(';').next().unwrap().to_string();
            let content = &operation["responses"]["200"]["content"][&kind];
            assert!(content.is_object(), "{address}: the document does not tell of {kind}");
            if kind == "application/json" {
                expect_valid(&document, &content["schema"], &answer.json(), &address);
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "{seen} answers were looked at");
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    for path in ["/search?q=(", "/facets/x", "/articles/x", "/x"] {
        expect_valid(&document, &schema, &server.get(&format!("{API}{path}")).problem(), path);
    }
}

#[track_caller]
fn expect_valid(document: &Value, schema: &Value, answer: &Value, of: &str) {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(answer).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(faults.is_empty(), "{of}:\n{}\n{answer}", faults.join("\n"));
}

#[test]
fn metrics_count_requests_by_route_and_status() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    server.get(&format!("{API}/search?q=ceasefire"));
    server.get(&format!("{API}/search?q=("));
    let text = server.get("/metrics").body;
    for line in [
        "dateline_requests_total{route=\"search\",status=\"200\"} 1",
        "dateline_requests_total{route=\"search\",status=\"400\"} 1",
        "dateline_request_duration_seconds_count{route=\"search\"} 2",
        "dateline_index_articles 4",
        "dateline_requests_in_flight 1",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn a_new_commit_is_served_without_a_restart() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    let total = || server.json(&format!("{API}/search?q=zeppelin"))["total"].clone();
    assert_eq!(total(), 0);
    scratch.write("news/new.txt", "A zeppelin over the lake\n\nThe zeppelin landed near Qatar's pavilion.\n");
    scratch.dateline(["index", "news"]).run().expect_code(0);
    within("the new article", || (total() == 1).then_some(()));
    scratch.remove("news/new.txt");
    scratch.dateline(["index", "news"]).run().expect_code(0);
    within("the end of it", || (total() == 0).then_some(()));
}

#[test]
fn a_damaged_commit_leaves_the_last_one_in_place() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    scratch.write(".dateline/meta.json", "{");
    let failed = || {
        let text = server.get("/metrics").body;
        (!text.contains("dateline_index_failed_reloads_total 0")).then_some(())
    };
    within("a look at the damage", failed);
    assert_eq!(server.json(&format!("{API}/search?q=ceasefire"))["total"], 4);
}

#[test]
fn a_server_does_not_begin_with_a_damaged_file() {
    let scratch = Scratch::indexed();
    let entries = std::fs::read_dir(scratch.path(".dateline")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let store = names.into_iter().find(|name| name.ends_with(".store")).unwrap();
    let mut bytes = scratch.read(&format!(".dateline/{store}"));
    bytes[20] ^= 1;
    scratch.write(&format!(".dateline/{store}"), bytes);
    let refused = scratch.dateline(["serve", "--port", "0"]).run().expect_code(4);
    assert!(refused.stderr.contains(&store), "{}", refused.stderr);
}

#[test]
fn the_page_is_whatever_its_query_says_and_is_kept_by_browsers() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/?q=ceasefire&f=broker%3DRussia", "text/html; charset=utf-8"),
        ("/assets/app.js", "text/javascript; charset=utf-8"),
        ("/assets/app.css", "text/css; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
        let again = server.get_with(path, &[("If-None-Match", answer.header("etag").unwrap())]);
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
    }
}

#[test]
fn every_file_that_the_page_names_is_there_and_goes_packed_to_whom_takes_that() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    let page = server.get("/").body;
    let mut named: Vec<String> =
        page.split('"').filter(|piece| piece.starts_with("/assets/")).map(String::from).collect();
    for script in named.clone().iter().filter(|path| path.ends_with(".js")) {
        let text = server.get(script).body;
        let imports = text.split('"').filter_map(|piece| piece.strip_prefix("./"));
        named.extend(imports.filter(|name| name.ends_with(".js")).map(|name| format!("/assets/{name}")));
    }
    named.sort();
    named.dedup();
    assert!(named.len() > 10, "{named:?}");
    for path in &named {
        assert_eq!(server.get(path).status, 200, "{path}");
        assert_eq!(server.get(path).header("content-encoding"), None, "{path}");
        let packed = server.get_with(path, &[("Accept-Encoding", "br, gzip;q=0.8")]);
        assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")), "{path}");
        let unpacked = server.get_with(path, &[("Accept-Encoding", "gzip;q=0")]);
        assert_eq!(unpacked.header("content-encoding"), None, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn the_server_stops_when_it_is_told_to() {
    let scratch = Scratch::indexed();
    for signal in ["INT", "TERM"] {
        let server = Server::start(&scratch, &[]);
        server.json(&format!("{API}/health"));
        // One that says nothing does not keep it.
        let silent = server.connect();
        assert_eq!(server.signal(signal), Some(0), "{signal}");
        drop(silent);
    }
}

#[test]
fn what_cannot_be_served_is_told() {
    let scratch = Scratch::indexed();
    let server = Server::start(&scratch, &[]);
    let port = server.address.port().to_string();
    let taken = scratch.dateline(["serve", "--port", &port]).run().expect_code(5);
    assert!(taken.stderr.contains(&format!("127.0.0.1:{port}: ")), "{}", taken.stderr);
    scratch.dateline(["serve", "--index", "nowhere"]).run().expect_code(2);
    let open = scratch.dateline(["serve", "--bind", "0.0.0.0", "--port", "0"]).run().expect_code(2);
    assert!(open.stderr.contains("--token-file"), "{}", open.stderr);
    scratch.write("token", "short\n");
    let short = scratch.dateline(["serve", "--token-file", "token", "--port", "0"]).run().expect_code(2);
    assert!(short.stderr.contains("at least 16") && !short.stderr.contains("short"), "{}", short.stderr);
    scratch.dateline(["serve", "--token-file", "nowhere"]).run().expect_code(5);
}
