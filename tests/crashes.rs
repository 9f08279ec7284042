//! The program killed at any moment, and its files damaged in any bit.
//!
//! Longer runs by hand: `DATELINE_KILLS=500` and `DATELINE_FLIPS=2000` with `cargo test --release crashes::`.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::scratch::Scratch;

/// A number from the environment, or the one for every day.
fn rounds(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Numbers that look random and are the same in every run (SplitMix64).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn write_articles(scratch: &Scratch, from: u64, to: u64) {
    for number in from..to {
        let text = format!(
            "Village {number} is quiet\n\nThe truce near village {number} was brokered by Norway, officials said.\n"
        );
        scratch.write(&format!("news/{number}.txt"), text);
    }
}

#[test]
fn an_index_survives_the_death_of_its_writer_at_any_moment() {
    let rounds = rounds("DATELINE_KILLS", 30);
    let scratch = Scratch::new();
    let mut state = 7;
    let mut articles = 0;
    let mut acknowledged = 0;
    let mut time = Duration::from_millis(400);
    for round in 0..rounds {
        write_articles(&scratch, articles, articles + 20);
        articles += 20;
        let mut child = scratch.dateline(["index", "news", "--json"]).spawn();
        let started = Instant::now();
        let until = Duration::from_micros(random(&mut state) % (time.as_micros() as u64 * 12 / 10));
        while started.elapsed() < until && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        // On Unix this is SIGKILL.
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        if let Ok(report) = serde_json::from_slice::<Value>(&output.stdout) {
            acknowledged = report["articles"].as_u64().unwrap();
            time = started.elapsed();
        }
        let check = scratch.dateline(["check"]).run();
        // Killed before there was anything, it leaves nothing.
        assert!(
            check.code == Some(0) || check.code == Some(2) && acknowledged == 0,
            "round {round}: {}",
            check.stderr
        );
        if check.code == Some(0) && acknowledged > 0 {
            let held = scratch.dateline(["stats", "--json"]).run().expect_code(0).json();
            let held = held["articles"].as_u64().unwrap();
            assert!(held >= acknowledged, "round {round}: {held} of {acknowledged} articles are left");
        }
    }
    let report = scratch.dateline(["index", "news", "--json"]).run().expect_code(0).json();
    assert_eq!(report["articles"], articles);
    let found = scratch.dateline(["search", "-c", "--all", "broker=Norway"]).run().expect_code(0);
    assert_eq!(found.stdout.trim(), articles.to_string(), "no article is lost and none is there twice");
    scratch.dateline(["check"]).run().expect_code(0);
    let leftovers: Vec<String> = std::fs::read_dir(scratch.path(".dateline"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".tmp"))
        .collect();
    assert_eq!(leftovers, Vec::<String>::new());
}

/// Flips bits of the files of an index, one at a time, and hands on the name of each damaged file and the bit.
fn flip(scratch: &Scratch, flips: u64, look: &mut dyn FnMut(&str, usize)) {
    let entries = std::fs::read_dir(scratch.path(".dateline")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // Locks hold nothing.
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    let mut state = 11;
    for _ in 0..flips {
        let name = &names[random(&mut state) as usize % names.len()];
        let bytes = scratch.read(&format!(".dateline/{name}"));
        let bit = random(&mut state) as usize % (bytes.len() * 8);
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        scratch.write(&format!(".dateline/{name}"), flipped);
        look(name, bit);
        scratch.write(&format!(".dateline/{name}"), bytes);
    }
}

#[test]
fn check_finds_every_flipped_bit() {
    let scratch = Scratch::indexed();
    let dir = scratch.path(".dateline");
    flip(&scratch, rounds("DATELINE_FLIPS", 400), &mut |name, bit| {
        let found = dateline::index::check(&dir);
        let named = found.as_ref().is_ok_and(|damage| damage.iter().any(|d| d.file == *name));
        assert!(named, "bit {bit} of {name}: {found:?}");
    });
}

/// What searches do with an index of which one bit is flipped, each time another one.
#[derive(Debug, Default)]
struct Served {
    right: u64,
    refused: u64,
    /// By the kind of the damaged file.
    wrong: BTreeMap<String, u64>,
    ended: BTreeMap<String, u64>,
}

fn serve_flipped(scratch: &Scratch, flips: u64) -> Served {
    let query = ["search", "ceasefire OR truce", "-n", "20", "--all"];
    let answer = || {
        let ran = scratch.dateline(query).run();
        // The first line says how long it took.
        (ran.code, ran.stdout.lines().skip(1).map(str::to_string).collect::<Vec<_>>())
    };
    let right = answer();
    assert_eq!(right.0, Some(0));
    let mut served = Served::default();
    flip(scratch, flips, &mut |name, bit| {
        let verified = scratch.dateline([&query[..], &["--verify"]].concat()).run().expect_code(4);
        assert!(verified.stderr.contains(name) && verified.stdout.is_empty(), "{bit}: {}", verified.stderr);
        let kind = name.rsplit(['.', '-']).next().unwrap_or_default().to_string();
        match answer() {
            unharmed if unharmed == right => served.right += 1,
            (Some(4), _) => served.refused += 1,
            (None, _) => *served.ended.entry(kind).or_default() += 1,
            _ => *served.wrong.entry(kind).or_default() += 1,
        }
    });
    assert_eq!(answer(), right);
    served
}

#[test]
fn a_flipped_bit_of_a_small_index_is_never_served() {
    let flips = rounds("DATELINE_FLIPS", 40);
    let served = serve_flipped(&Scratch::indexed(), flips);
    assert_eq!(served.refused, flips, "{served:?}");
}

#[test]
fn a_flipped_bit_of_a_large_index_is_never_served_by_a_search_that_verifies() {
    let scratch = Scratch::new();
    let mut state = 3;
    for number in 0..40 {
        // Hashes do not compress: this makes an index of more than 8 MB, which is not compared when it is opened.
        let words: String = (0..14_000).map(|_| format!("{:016x} ", random(&mut state))).collect();
        let text = format!("Village {number}\n\nThe ceasefire of village {number} held.\n\n{words}\n");
        scratch.write(&format!("news/{number}.txt"), text);
    }
    scratch.dateline(["index", "news"]).run().expect_code(0);
    assert!(scratch.dateline(["stats", "--json"]).run().json()["bytes"].as_u64().unwrap() > 9 << 20);
    let served = serve_flipped(&scratch, rounds("DATELINE_FLIPS", 15));
    println!("without --verify: {served:?}");
}

#[test]
fn a_file_cut_swapped_or_replaced_is_named_and_never_opened() {
    let scratch = Scratch::indexed();
    let dir = scratch.path(".dateline");
    let schema = dateline::schema::Schema::embedded();
    let entries = std::fs::read_dir(&dir).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    let expect_damage = |name: &str, how: &str| {
        let found = dateline::index::check(&dir);
        let names_it = found.as_ref().is_ok_and(|damage| damage.iter().any(|d| d.file == name));
        // What cannot be read at all is told as that, with its path.
        assert!(names_it || how == "a directory" && found.is_err(), "{name} {how}: {found:?}");
        assert!(dateline::index::open(&dir, schema).is_err(), "{name} {how}");
    };
    for (number, name) in names.iter().enumerate() {
        let (file, path) = (format!(".dateline/{name}"), dir.join(name));
        let whole = scratch.read(&file);
        for length in [0, 1, 4, 5, 6, 7, 8, whole.len() / 2, whole.len() - 1] {
            if length < whole.len() {
                scratch.write(&file, &whole[..length]);
                expect_damage(name, &format!("cut to {length}"));
            }
        }
        scratch.write(&file, [&whole[..], b"\n"].concat());
        expect_damage(name, "grown");
        let other = scratch.read(&format!(".dateline/{}", names[(number + 1) % names.len()]));
        scratch.write(&file, other);
        expect_damage(name, "with the contents of another");
        std::fs::remove_file(&path).unwrap();
        expect_damage(name, "gone");
        std::fs::create_dir(&path).unwrap();
        expect_damage(name, "a directory");
        std::fs::remove_dir(&path).unwrap();
        scratch.write(&file, whole);
    }
    assert_eq!(dateline::index::check(&dir).unwrap(), []);
}

#[test]
fn a_rebuild_that_is_killed_leaves_a_whole_index() {
    let scratch = Scratch::new();
    write_articles(&scratch, 0, 60);
    scratch.dateline(["index", "news"]).run().expect_code(0);
    let mut state = 5;
    for round in 0..rounds("DATELINE_KILLS", 8) {
        let mut child = scratch.dateline(["index", "--rebuild", "-q"]).spawn();
        std::thread::sleep(Duration::from_micros(random(&mut state) % 500_000));
        let _ = child.kill();
        child.wait_with_output().unwrap();
        scratch.dateline(["check"]).run().expect_code(0);
        let count = scratch.dateline(["search", "-c", "--all", "broker=Norway"]).run().expect_code(0);
        assert_eq!(count.stdout.trim(), "60", "round {round}");
    }
    scratch.dateline(["index", "--rebuild"]).run().expect_code(0);
    assert!(!scratch.path(".dateline.new").exists());
}

#[test]
fn a_second_writer_is_told_who_writes() {
    let scratch = Scratch::indexed();
    let dir = scratch.path(".dateline");
    let _writer = dateline::index::Writer::open(&dir, dateline::schema::Schema::embedded(), 1).unwrap();
    let refused = scratch.dateline(["index", "news"]).run().expect_code(3);
    assert!(refused.stderr.contains(&format!("({})", std::process::id())), "{}", refused.stderr);
}

#[test]
fn readers_answer_while_a_writer_commits() {
    let scratch = Scratch::indexed();
    let dir = scratch.path(".dateline");
    let stop = AtomicBool::new(false);
    let read = || {
        let mut opened = 0;
        while !stop.load(Ordering::Relaxed) {
            let index = dateline::index::open(&dir, dateline::schema::Schema::embedded()).unwrap();
            assert!(index.searcher.num_docs() >= 4);
            assert_eq!(dateline::index::check(&dir).unwrap(), []);
            opened += 1;
        }
        opened
    };
    std::thread::scope(|scope| {
        let readers = [scope.spawn(read), scope.spawn(read)];
        let mut ran = Vec::new();
        for round in 0..8 {
            write_articles(&scratch, round * 3, round * 3 + 3);
            ran.push(scratch.dateline(["index", "news"]).run());
        }
        stop.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
        for ran in ran {
            ran.expect_code(0);
        }
    });
}
