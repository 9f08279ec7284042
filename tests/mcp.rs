//! `dateline mcp`: an agent's conversation with the real binary.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

use serde_json::Value;
use serde_json::json;

use crate::scratch::Scratch;
use crate::scratch::expect_keys;

struct Agent {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl Agent {
    fn start(scratch: &Scratch) -> Agent {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
        command.current_dir(scratch.path(".")).arg("mcp").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut agent = Agent { child, input, output, asked: 0 };
        let hello = json!({
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
        });
        let answer = agent.ask("initialize", hello);
        assert_eq!(answer["result"]["serverInfo"]["name"], "dateline", "{answer}");
        assert!(answer["result"]["capabilities"]["tools"].is_object(), "{answer}");
        agent.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        agent
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params }));
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert_eq!(answer["id"], self.asked, "{answer}");
        answer
    }

    /// Calls a tool that must succeed.
    #[track_caller]
    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.ask("tools/call", json!({ "name": tool, "arguments": arguments }));
        let result = &answer["result"];
        assert_eq!(result["isError"], false, "{answer}");
        let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, result["structuredContent"]);
        text
    }

    /// Calls a tool that must fail, and returns what it says.
    #[track_caller]
    fn fail(&mut self, tool: &str, arguments: Value) -> String {
        let answer = self.ask("tools/call", json!({ "name": tool, "arguments": arguments }));
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        answer["result"]["content"][0]["text"].as_str().unwrap().to_string()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn tools_are_listed_with_their_schemas() {
    let scratch = Scratch::indexed();
    let mut agent = Agent::start(&scratch);
    let answer = agent.ask("tools/list", json!({}));
    let tools = answer["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["search", "facets", "timeline", "article", "evidence"]);
    for tool in tools {
        expect_keys(tool, "name description inputSchema annotations");
        jsonschema::meta::validate(&tool["inputSchema"]).unwrap();
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        assert_eq!(tool["inputSchema"]["additionalProperties"], false);
    }
    assert_eq!(tools[4]["inputSchema"]["required"], json!(["field", "value"]));
}

#[test]
fn an_agent_finds_who_brokered_and_quotes_it() {
    let scratch = Scratch::indexed();
    let mut agent = Agent::start(&scratch);
    let found = agent.call("search", json!({ "q": "ceasefire", "f": ["broker=Moscow"], "limit": 3 }));
    assert_eq!(found["total"], 1, "{found}");
    let hit = &found["hits"][0];
    assert_eq!(hit["roles"]["broker"], json!(["Russia"]));
    assert!(hit["evidence"][0]["sentence"].as_str().unwrap().starts_with("A Russian-brokered ceasefire"));

    let brokers = agent.call("facets", json!({ "field": "broker", "limit": 2 }));
    assert_eq!(brokers["distinct"], 4, "{brokers}");
    assert_eq!(brokers["values"].as_array().unwrap().len(), 2);

    let evidence = agent.call("evidence", json!({ "field": "broker", "value": "Moscow" }));
    assert_eq!((&evidence["articles"], evidence["sentences"].as_array().unwrap().len()), (&json!(1), 1));
    assert_eq!(evidence["sentences"][0]["id"], hit["id"]);
    assert!(evidence["notes"].to_string().contains("is read as Russia"), "{evidence}");

    let years = agent.call("timeline", json!({ "by": "year", "q": "ceasefire" }));
    assert_eq!(years["undated"], 1);

    let article = agent.call("article", json!({ "id": "t2" }));
    assert_eq!(article["title"], "Blame in the hills");
    assert_eq!(article["events"][0]["roles"]["accuser"], json!(["Azerbaijan"]));
    assert!(article["text"].as_str().unwrap().contains("27 October"));
}

#[test]
fn long_articles_come_in_pieces() {
    let scratch = Scratch::new();
    let text = "The ceasefire held, said Anaïs. ".repeat(500);
    scratch.write("news/long.jsonl", json!({ "id": "long", "title": "Long", "text": text }).to_string());
    scratch.dateline(["index", "news"]).run().expect_code(0);
    let mut agent = Agent::start(&scratch);
    let (mut read, mut offset) = (String::new(), json!(0));
    while !offset.is_null() {
        let piece = agent.call("article", json!({ "id": "long", "offset": offset }));
        assert!(piece["text"].as_str().unwrap().len() <= 6_000);
        read.push_str(piece["text"].as_str().unwrap());
        offset = piece["next_offset"].clone();
    }
    assert_eq!(read, text);
}

#[test]
fn errors_tell_an_agent_what_to_ask_instead() {
    let scratch = Scratch::indexed();
    let mut agent = Agent::start(&scratch);
    assert!(agent.fail("search", json!({ "q": "truce (a" })).contains("at byte 6 of q"));
    assert!(agent.fail("search", json!({ "query": "x" })).contains("there are q, f,"));
    assert!(agent.fail("search", json!({ "limit": 1000 })).contains("from 0 to 20"));
    assert!(agent.fail("facets", json!({})).contains("field is missing"));
    assert!(agent.fail("facets", json!({ "field": "brokr" })).contains("did you mean `broker`"));
    assert!(agent.fail("article", json!({ "id": "nobody" })).contains("nobody"));
    assert!(agent.fail("search", json!({ "q": { "a": 1 } })).contains("write a text"));
    let unknown = agent.call("evidence", json!({ "field": "broker", "value": "Russa" }));
    assert!(unknown["notes"].to_string().contains("near it: Russia"), "{unknown}");
    let answer = agent.ask("tools/call", json!({ "name": "delete", "arguments": {} }));
    assert!(answer["error"]["message"].as_str().unwrap().contains("there are search"), "{answer}");
    let answer = agent.ask("no/such/method", json!({}));
    assert!(answer["error"].is_object(), "{answer}");
}

#[test]
fn the_conversation_ends_with_its_input() {
    let scratch = Scratch::indexed();
    let mut agent = Agent::start(&scratch);
    drop(agent.input.take());
    assert_eq!(agent.child.wait().unwrap().code(), Some(0));
}

#[test]
fn garbage_is_no_conversation() {
    let scratch = Scratch::indexed();
    let ran = scratch.dateline(["mcp"]).input("hello\n").run();
    assert!(matches!(ran.code, Some(2)), "{ran:?}");
    assert!(ran.stderr.contains("Model Context Protocol"), "{}", ran.stderr);
    scratch.dateline(["mcp", "--index", "nowhere"]).run().expect_code(2);
}
