//! A user's own tables: laid over ours, beside the index, and how an index follows when they change.

use serde_json::Value;
use serde_json::json;

use crate::scratch::Scratch;
use crate::scratch::write_news;

/// The files of the example in `schema/README.md`, below a folder.
fn write_example(scratch: &Scratch, folder: &str) {
    let readme = include_str!("../schema/README.md");
    let mut files = 0;
    for block in readme.split("\n```").skip(1).step_by(2) {
        let (head, text) = block.split_once('\n').unwrap();
        if let Some((_, name)) = head.split_once(' ') {
            scratch.write(&format!("{folder}/{name}"), text);
            files += 1;
        }
    }
    assert_eq!(files, 4, "schema/README.md: the example has four files");
}

/// An article that the example's tables find something in.
fn write_relief(scratch: &Scratch) {
    let text = "Relief for the valley\n\nNoreg and the Valley Relief Fund pledged 20 million dollars, people in the town said.\n\n\
                Continue reading in the Valley app\n";
    scratch.write("news/relief.txt", text);
}

fn facet(scratch: &Scratch, args: &[&str]) -> Vec<(String, u64)> {
    let found = scratch.dateline([&["facets", "--json"], args].concat()).run().json();
    let pair = |v: &Value| (v["value"].as_str().unwrap().to_string(), v["count"].as_u64().unwrap());
    found["values"].as_array().unwrap().iter().map(pair).collect()
}

fn report(scratch: &Scratch, args: &[&str]) -> Value {
    scratch.dateline([&["index", "news", "--json"], args].concat()).run().expect_code(0).json()
}

/// What an index holds: every article and event, order and paths aside.
fn contents(scratch: &Scratch, index: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for what in ["articles", "events"] {
        let args = ["export", "--what", what, "--index", index, "--schema", "tables"];
        lines.extend(scratch.dateline(args).run().stdout.lines().map(str::to_string));
    }
    let facets = scratch
        .dateline([
            "search",
            "-n",
            "0",
            "--facets",
            "donor,broker,actor,mentioned",
            "--json",
            "--index",
            index,
            "--schema",
            "tables",
        ])
        .run();
    lines.push(facets.json()["facets"].to_string());
    lines.sort();
    lines
}

#[test]
fn the_example_of_the_manual_works_from_check_to_query() {
    let scratch = Scratch::new();
    write_news(&scratch);
    write_relief(&scratch);
    write_example(&scratch, "tables");
    let with =
        |args: &[&str]| scratch.dateline([&["--schema", "tables"], args].concat()).run().expect_code(0);
    assert!(with(&["schema", "check"]).stdout.contains("8 added, 0 replaced, 1 extended, 1 removed"));
    let tests = |args: &[&str]| scratch.dateline(args).run().expect_code(0).json()["tests"].as_u64().unwrap();
    let ours = tests(&["schema", "check", "--json"]);
    assert_eq!(tests(&["schema", "check", "--json", "--schema", "tables"]), ours + 2);

    let article = with(&["annotate", "news/relief.txt", "--json"]).json();
    assert_eq!(article["facets"]["donor"], json!(["Norway", "Valley Relief Fund"]));
    assert_eq!(article["boilerplate"].as_array().unwrap().len(), 1, "{article}");

    with(&["index", "news"]);
    let donors = vec![("Norway".to_string(), 1), ("Valley Relief Fund".to_string(), 1)];
    assert_eq!(facet(&scratch, &["donor", "--schema", "tables"]), donors);
    for query in ["donor:Noreg", "donor.any:norway", "donor:VRF", "donor:*"] {
        let answer = with(&["search", query, "--facets", "donor,broker", "--json"]).json();
        assert_eq!(answer["total"], 1, "{query}");
        assert_eq!(answer["facets"]["donor"][0], json!({ "value": "Norway", "count": 1 }), "{query}");
        assert_eq!(answer["hits"][0]["evidence"][0]["rule"], "donor.pledge", "{query}");
    }
    // What we know is still known.
    assert_eq!(scratch.ids(["broker:Turkey", "--schema", "tables"]), ["t3"]);
    let unknown = scratch.dateline(["search", "donor:Noreg"]).run().expect_code(2);
    assert!(unknown.stderr.contains("no field `donor`"), "{}", unknown.stderr);
}

#[test]
fn a_name_that_we_have_replaces_ours_and_signs_add_and_take_out() {
    let scratch = Scratch::new();
    let facets = |text: &str| {
        let ran = scratch.dateline(["annotate", "--json", "--schema", "t"]).input(text).run().expect_code(0);
        ran.json()["facets"].clone()
    };
    scratch.write(
        "t/actors/mine.tsv",
        "id\tname\taliases\nplace:geneva\tGenf\t\n+person:emmanuel-macron\t\tManu\n-country:TUR\t\t\n",
    );
    let found = facets("A truce was brokered by Manu in Genf, not in Geneva. Turkey was not there.");
    assert_eq!(found["place"], json!(["Genf"]));
    assert_eq!(found["broker"], json!(["Emmanuel Macron", "France"]));
    assert_eq!(found["country"], json!([]));
    scratch.remove("t/actors/mine.tsv");

    // A rule of ours that goes, one that changes, a class that gets a word.
    let text = "The truce was brokered by Qatar. Sudan accused Chad of raids. Egyptian-brokered talks began.";
    let ours = scratch.dateline(["annotate", "--json"]).input(text).run().json();
    assert_eq!(ours["facets"]["broker"], json!(["Qatar", "Egypt"]));
    scratch.write(
        "t/roles.toml",
        "[[rule]]\nid = \"-broker.compound\"\n[[rule]]\nid = \"+broker.by\"\nconfidence = 0.5\n[triggers]\n\"-accuse\" = [\"accused\"]\n\"+brokered\" = [\"cobbled\"]\n",
    );
    let found = scratch.dateline(["annotate", "--json", "--schema", "t"]).input(text).run().json();
    assert_eq!(found["facets"]["broker"], json!(["Qatar"]));
    assert_eq!(found["events"][0]["confidence"], 0.5);
    assert_eq!(facets("The truce was cobbled by Oman.")["broker"], json!(["Oman"]));

    // A table as a whole.
    scratch.write("t/actors/countries.tsv", "#! whole table\nid\tname\ncountry:XAA\tOurland\n");
    scratch.write("t/actors/people.tsv", "#! whole table\n");
    scratch.write("t/actors/places.tsv", "#! whole table\n");
    scratch.write("t/actors/organisations.tsv", "#! whole table\n");
    assert_eq!(facets("The truce was brokered by Ourland and Qatar.")["country"], json!(["Ourland"]));
}

#[test]
fn a_working_copy_of_our_tables_is_our_tables() {
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/schema");
    let corpus = walkdir::WalkDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).sort_by_file_name();
    let files = corpus.into_iter().map(|e| e.unwrap()).filter(|e| e.file_type().is_file());
    let files: Vec<_> = files.map(|e| e.into_path().into_os_string()).collect();
    let annotate = |flags: &[&str]| {
        let flags = flags.iter().map(std::ffi::OsString::from);
        Scratch::new().dateline(flags.chain(files.iter().cloned())).run().stdout
    };
    let built_in = annotate(&["annotate", "--json"]);
    assert!(built_in.lines().count() > 5);
    assert_eq!(annotate(&["annotate", "--json", "--schema", ours]), built_in);
}

#[test]
fn what_is_wrong_with_a_table_is_told_with_file_line_and_remedy() {
    let cases = [
        ("actors/mine.tsv", "id\tname\nfoo:x\tX\n", "mine.tsv: line 2", "write country:"),
        ("actors/mine.tsv", "id\tnome\n", "line 1", "no column `nome`: there are aliases"),
        ("actors/mine.tsv", "id\tname\n+person:macron\t\n", "line 2", "did you mean person:"),
        (
            "actors/mine.tsv",
            "id\tname\tof\n\norg:a\tA\tcountry:QQQ\n",
            "mine.tsv: line 3",
            "`country:QQQ`, which has no row",
        ),
        ("actors/mine.tsv", "person:x\tX\n", "line 1", "the first line names the columns"),
        ("people.tsv", "id\tname\n", "is no table", "actors/*.tsv"),
        (
            "roles.toml",
            "[[rule]]\nid = \"a.b\"\nevent = \"x\"\nconfidence = 1.0\npattern = \"<nobody> %accuse\"\n",
            "roles.toml: line 2",
            "no role `nobody`",
        ),
        (
            "roles.toml",
            "[[rule]]\nid = \"a.b\"\nevent = \"x\"\npatern = \"y\"\n",
            "roles.toml: line 4",
            "unknown field `patern`",
        ),
        (
            "roles.toml",
            "[[role]]\nid = \"a\"\nlabel = \"b\"\n[[role]]\nid = \"a\"\nlabel = \"c\"\n",
            "line 2",
            "rename one",
        ),
        ("roles.toml", "[[rule]]\nid = \"-broker.nope\"\n", "roles.toml: line 2", "no rule `broker.nope`"),
        ("roles.toml", "[[role]]\nid = \"Donor\"\nlabel = \"x\"\n", "roles.toml: line 2", "small letters"),
        ("roles.toml", "[[role]]\nid = \"person\"\nlabel = \"x\"\n", "roles.toml: line 2", "take another"),
        (
            "roles.toml",
            "[[role]]\nid = \"donor\"\nlabel = \"x\"\nbeats = [\"hots\"]\n",
            "roles.toml: line 4",
            "no role `hots`",
        ),
        ("roles.toml", "[[role]\n", "roles.toml", "line 1"),
        ("roles.toml", "[roles]\nid = 1\n", "roles.toml: line 1", "there is no `roles`"),
        ("cleaning.toml", "exact = 5\n", "cleaning.toml: line 1", "a list of texts"),
        (
            "cleaning.toml",
            "\"-exact\" = [\"no such line\"]\n",
            "cleaning.toml: line 1",
            "cannot be taken out",
        ),
        ("cleaning.toml", "\nstarts = [\"\"]\n", "cleaning.toml: line 2", "take it out"),
        ("dates.toml", "[holidays]\nnowruz = { day = \"99-99\" }\n", "dates.toml: line 2", "write `day = "),
        ("compounds.txt", "one\n", "compounds.txt: line 1", "write two"),
    ];
    for (file, text, place, remedy) in cases {
        let scratch = Scratch::new();
        scratch.write(&format!("t/{file}"), text);
        let ran = scratch.dateline(["schema", "check", "--schema", "t"]).run().expect_code(2);
        assert!(
            ran.stderr.contains(place) && ran.stderr.contains(remedy),
            "{file}: {text:?} says\n{}",
            ran.stderr
        );
    }
}

#[test]
fn tables_beside_the_index_are_used_without_being_named() {
    let scratch = Scratch::new();
    write_news(&scratch);
    write_relief(&scratch);
    write_example(&scratch, ".dateline/schema");
    assert_eq!(report(&scratch, &[])["articles"], 5);
    assert_eq!(facet(&scratch, &["donor"]).len(), 2);
    let inner = scratch.path("news");
    let below =
        crate::scratch::Dateline::at(&inner, ["annotate", "relief.txt", "--json"]).run().expect_code(0);
    assert_eq!(below.json()["facets"]["donor"][0], "Norway");
    // Nothing of the index's own housekeeping touches them, nor are they part of the corpus or of what `check` looks at.
    let checked = scratch.dateline(["check", "--json"]).run().expect_code(0).json();
    assert_eq!(checked, json!({ "ok": true, "damaged": [] }));
    scratch.write("news/more.txt", "The ferry was late on the day, the people of the island said.");
    assert_eq!(report(&scratch, &[])["articles"], 6);
    assert!(scratch.path(".dateline/schema/roles.toml").exists());
    let found = scratch.dateline(["search", "donor:Noreg", "--in", "news", "-c"]).run().expect_code(0);
    assert_eq!(found.stdout, "1\n");
}

#[test]
fn changed_tables_annotate_anew_without_reading_files_that_did_not_change() {
    let scratch = Scratch::new();
    write_news(&scratch);
    write_relief(&scratch);
    scratch.write("other/a.txt", "Noreg pledged a ferry, the mayor of the island said on the day.");
    scratch.dateline(["index", "news", "other"]).run().expect_code(0);
    write_example(&scratch, "tables");
    scratch.remove("tables/cleaning.toml");

    // Other words under the same size and time: who reads the file finds no donor in it.
    let path = scratch.path("news/relief.txt");
    let time = std::fs::metadata(&path).unwrap().modified().unwrap();
    let text = String::from_utf8(scratch.read("news/relief.txt")).unwrap();
    scratch.write("news/relief.txt", text.replace("pledged", "laughed"));
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();

    // A directory of tables is no part of the corpus, wherever it stands.
    scratch.write("tables/compounds.txt", "ferry boat\n");
    std::fs::rename(scratch.path("tables"), scratch.path("news/tables")).unwrap();
    let found = report(&scratch, &["--schema", "news/tables"]);
    std::fs::rename(scratch.path("news/tables"), scratch.path("tables")).unwrap();
    assert_eq!(found["excluded"], json!({ "tables": 1 }));
    assert_eq!([&found["reannotated"], &found["updated"], &found["unchanged"]], [6, 0, 0], "{found}");
    assert_eq!(found["bytes"], 0);
    // What lies below another root follows too.
    assert_eq!(facet(&scratch, &["donor", "--schema", "tables"])[0], ("Norway".to_string(), 2));
    let again = report(&scratch, &["--schema", "tables"]);
    assert_eq!([&again["reannotated"], &again["unchanged"]], [0, 5], "{again}");

    // The same as an index made at once.
    scratch.write("news/relief.txt", text);
    scratch
        .dateline(["index", "news", "other", "--index", "fresh", "--schema", "tables"])
        .run()
        .expect_code(0);
    assert_eq!(contents(&scratch, ".dateline"), contents(&scratch, "fresh"));

    // Which lines are chrome is decided when a file is read, so a changed cleaning table reads it again.
    write_example(&scratch, "tables");
    let found = report(&scratch, &["--schema", "tables"]);
    assert_eq!([&found["reannotated"], &found["updated"]], [1, 5], "{found}");
    assert_eq!(scratch.ids(["boilerplate:valley", "--schema", "tables"]).len(), 1);
}

#[test]
fn explain_tells_which_rule_fired_and_what_the_nearest_lacked() {
    let scratch = Scratch::new();
    let text = "The truce was brokered by Qatar. Another was brokered by the end of May. Turkey offered to mediate between \
                Chad and Sudan.\n\nHe accused Ukraine of raids. Iran mediated between Iran and Iraq. The ferry was late.";
    let plain = scratch.dateline(["annotate"]).input(text).run().expect_code(0).stdout;
    assert!(!plain.contains("why"), "{plain}");
    let told = scratch.dateline(["annotate", "--explain"]).input(text).run().expect_code(0).stdout;
    for line in [
        "fired  broker.by  broker Qatar",
        "not    broker.by  fits `%brokered (in part)? by ~4`, but then `<broker>`: no actor stands there, but “the”",
        "broker Turkey  its words say offered: it counts under broker.offered, not broker",
        "accuse.pronoun  accused Ukraine  the sentence before does not name one person alone",
        "Iran is party, which rules broker out",
    ] {
        assert!(told.contains(line), "no {line:?} in\n{told}");
    }
    assert!(!told.contains("ferry was late.”") && !told.contains('\u{1b}'), "{told}");

    let article = scratch.dateline(["annotate", "--explain", "--json"]).input(text).run().json();
    let bare = scratch.dateline(["annotate", "--json"]).input(text).run().json();
    assert!(bare.get("explain").is_none());
    let fired = |id: &str| {
        let words = article["explain"].as_array().unwrap().iter();
        let mut rules = words.flat_map(|w| w["rules"].as_array().unwrap());
        rules.any(|r| r["rule"] == id && r["fired"] == true)
    };
    // Every event has the rule that made it among those that fired.
    for event in bare["events"].as_array().unwrap() {
        assert!(fired(event["rule"].as_str().unwrap()), "{event}");
    }
    crate::scratch::expect_keys(&article["explain"][0], "sentence trigger word rules");
}

#[test]
fn a_rule_that_waits_for_a_filler_is_told() {
    let scratch = Scratch::new();
    scratch.write(
        "t/roles.toml",
        "[[rule]]\nid = \"mine.deaf\"\nevent = \"mediate\"\npattern = \"%brokered jointly by <broker>\"\nconfidence = 0.5\n",
    );
    let told = scratch.dateline(["schema", "check", "--schema", "t"]).run().expect_code(0).stdout;
    assert!(told.contains("rule `mine.deaf` has a word in `jointly` that is a filler"), "{told}");
}

#[test]
fn schema_check_names_what_clashes() {
    let scratch = Scratch::new();
    scratch.write("t/actors/mine.tsv", "id\tname\taliases\norg:my-council\tMy Council\tUnited Nations\n");
    scratch.write(
        "t/roles.toml",
        "[[role]]\nid = \"judge\"\nlabel = \"judged\"\n[classes]\nidle = [\"x\"]\n[[rule]]\nid = \"mine.by\"\nevent = \"mediate\"\n\
         pattern = \"%brokered (in part)? by ~4 <broker>\"\nconfidence = 0.5\n",
    );
    let ran = scratch.dateline(["schema", "check", "--schema", "t"]).run().expect_code(0);
    for line in [
        "`United Nations` names org:my-council and org:united-nations",
        "rule `mine.by` has the pattern of `broker.by`",
        "no pattern uses the class `idle`",
        "no rule fills the role `judge`",
        "-v lists them",
    ] {
        assert!(ran.stdout.contains(line), "no {line:?} in\n{}", ran.stdout);
    }
    let all = scratch.dateline(["schema", "check", "--json", "--schema", "t"]).run().expect_code(0).json();
    let own = all["clashes"].as_array().unwrap().iter().filter(|c| c["own"] == true).count();
    assert_eq!(own, 4, "{all}");
    // The user's row has the name.
    let ran =
        scratch.dateline(["annotate", "--json", "--schema", "t"]).input("The United Nations met.").run();
    assert_eq!(ran.json()["facets"]["organisation"], serde_json::json!(["My Council"]));
    // A test that fails is no clash.
    scratch.write("t/roles.toml", "[[test]]\ntext = \"Qatar is warm.\"\nexpect = [\"broker=Qatar\"]\n");
    let ran = scratch.dateline(["schema", "check", "--schema", "t"]).run().expect_code(1);
    assert!(ran.stdout.contains("expected broker=Qatar"), "{}", ran.stdout);
}
