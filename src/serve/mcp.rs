//! The agents' door: tools over standard input and output, by the Model Context Protocol.

use std::path::Path;
use std::sync::Arc;

use rmcp::ErrorData;
use rmcp::RoleServer;
use rmcp::ServerHandler;
use rmcp::model::CallToolRequestParams;
use rmcp::model::CallToolResponse;
use rmcp::model::CallToolResult;
use rmcp::model::ContentBlock;
use rmcp::model::Implementation;
use rmcp::model::ListToolsResult;
use rmcp::model::PaginatedRequestParams;
use rmcp::model::ServerCapabilities;
use rmcp::model::ServerConfig;
use rmcp::model::ToolAnnotations;
use rmcp::service::RequestContext;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::ServeError;
use super::answers::Asked;
use super::live::Live;
use super::live::Place;
use super::openapi::schema_of;
use super::params::Given;
use super::problem::Problem;
use super::tools::TOOLS;
use super::tools::Tool;
use super::workers::Workers;
use crate::schema::Schema;

/// Told to every agent once.
const INSTRUCTIONS: &str = "Searches a corpus of news by words, by who plays which role, and by date. Query language: words \
are all required; OR, -word, \"a phrase\", field:value (broker:Russia, accuser:Armenia, country:\"United States\", source:NAME), \
dates as 2020-10..2021 or mentioned:2020-10-27, event{accuser:Armenia accused:Azerbaijan} for one event. Roles hold for what is \
told as fact; broker.any:Russia also finds offers and history. Every fact has a sentence behind it: ask `evidence` and quote it.";

struct Agent {
    schema: &'static Schema,
    live: Arc<Live>,
    workers: Workers,
}

/// Answers an agent on standard input and output until it goes away.
///
/// # Errors
/// If the index cannot be opened or the protocol cannot begin.
pub fn mcp(index: &Path, schema: &'static Schema, threads: usize) -> Result<(), ServeError> {
    let agent = Agent {
        schema,
        live: Arc::new(Live::open(&Place::Directory(index.into()), schema)?),
        workers: Workers::start(threads)?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        let failed = |e: &dyn std::fmt::Display| ServeError::Protocol(e.to_string());
        let service = rmcp::serve_server(agent, rmcp::transport::stdio()).await.map_err(|e| failed(&e))?;
        service.waiting().await.map_err(|e| failed(&e))?;
        Ok(())
    });
    // A thread may still wait for input that never comes.
    runtime.shutdown_background();
    done
}

impl ServerHandler for Agent {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("dateline", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(TOOLS.iter().map(described).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = TOOLS.iter().find(|tool| tool.name == request.name) else {
            let names: Vec<&str> = TOOLS.iter().map(|tool| tool.name).collect();
            let detail = format!("no tool {}: there are {}", request.name, names.join(", "));
            return Err(ErrorData::invalid_params(detail, None));
        };
        let result = match self.call(tool, request.arguments.unwrap_or_default()).await {
            Ok(value) => CallToolResult::structured(value),
            // An error of the tool and not of the protocol: the agent reads it and asks better.
            Err(problem) => CallToolResult::error(vec![ContentBlock::text(said(&problem))]),
        };
        Ok(result.into())
    }
}

impl Agent {
    async fn call(&self, tool: &'static Tool, arguments: Map<String, Value>) -> Result<Value, Problem> {
        let given = Given::of(pairs(arguments)?.into_iter(), tool.parameters)?;
        let (live, schema) = (Arc::clone(&self.live), self.schema);
        self.workers
            .run(move || {
                // What cannot be opened now is answered from the commit before.
                let _ = live.follow(schema);
                let now = live.snapshot();
                let part = given.text("id").or(given.text("field")).unwrap_or("").to_string();
                (tool.answer)(&Asked { now: &now, schema, given: &given, part: &part })
            })
            .await
    }
}

fn said(problem: &Problem) -> String {
    match problem.position {
        Some(byte) => format!("{} (at byte {byte} of q)", problem.detail),
        None => problem.detail.clone(),
    }
}

/// Arguments as the parameters of an address.
fn pairs(arguments: Map<String, Value>) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = Vec::new();
    for (name, value) in arguments {
        let values = match value {
            Value::Array(values) => values,
            Value::Null => Vec::new(),
            one => vec![one],
        };
        for value in values {
            let text = match value {
                Value::String(text) => text,
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                _ => return Err(Problem::wrong(format!("{name}: write a text, a number, true or false"))),
            };
            pairs.push((name.clone(), text));
        }
    }
    Ok(pairs)
}

fn described(tool: &Tool) -> rmcp::model::Tool {
    let all = || tool.parameters.iter().flat_map(|list| list.iter());
    let properties: Map<String, Value> = all()
        .map(|parameter| {
            let mut schema = schema_of(parameter);
            schema["description"] = parameter.help.into();
            (parameter.name.to_string(), schema)
        })
        .collect();
    let required: Vec<&str> = all().filter(|p| p.required).map(|p| p.name).collect();
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), properties.into());
    schema.insert("required".into(), json!(required));
    schema.insert("additionalProperties".into(), false.into());
    let hints = ToolAnnotations::new().read_only(true).idempotent(true).open_world(false);
    rmcp::model::Tool::new(tool.name, tool.help, schema).with_annotations(hints)
}
