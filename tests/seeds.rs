//! The five articles that the project began with, where they are at hand: who brokered.

use std::path::Path;

use crate::scratch::Dateline;

#[test]
fn seeds_name_their_broker() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    if !seeds.is_dir() {
        println!("left out: there is no {}", seeds.display());
        return;
    }
    for entry in std::fs::read_dir(&seeds).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let (broker, other) = match name.split('_').next().unwrap() {
            "000" => ("United States", "Russia"),
            "001" | "002" | "003" | "004" => ("Russia", "United States"),
            _ => continue,
        };
        let article = Dateline::at(&seeds, ["annotate", "--json", &name]).run().expect_code(0).json();
        let brokers = article["facets"]["broker"].as_array().unwrap();
        assert!(brokers.iter().any(|b| b == broker), "{name}: {brokers:?} lacks {broker}");
        assert!(!brokers.iter().any(|b| b == other), "{name}: {brokers:?} has {other}");
        if name.starts_with("000") {
            let events = article["events"].as_array().unwrap();
            let earlier = |e: &&serde_json::Value| e["background"] == true;
            let by_russia = |e: &serde_json::Value| e["roles"]["broker"][0] == "Russia";
            assert!(events.iter().filter(earlier).any(by_russia), "{name}: no earlier event with Russia");
        }
    }
}
