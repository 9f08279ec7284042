//! The machine that it runs on: full disks, disks that cannot be written, signals, limits, streams that are closed.
//!
//! Full disks of every size: `DATELINE_DISKS=50 cargo test --test integration disk -- --nocapture`.

use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;

use crate::scratch::Scratch;
use crate::scratch::string;
use crate::scratch::write_news;

/// Runs a line of shell in a directory, with the program as `$0`.
fn shell(dir: &Path, line: &str) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", line, env!("CARGO_BIN_EXE_dateline")]).current_dir(dir);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.stdin(Stdio::null()).output().unwrap()
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn expect(output: &Output, code: i32, pieces: &[&str]) {
    let told = told(output);
    assert_eq!(output.status.code(), Some(code), "{told}");
    for piece in pieces {
        assert!(told.contains(piece), "{piece:?} is not in {told}");
    }
}

/// Articles of 12 KB whose words are long and all different, so that an index of them is about as large as they are.
fn write_bulk(scratch: &Scratch, dir: &str, articles: u64) {
    let mut state = 5u64;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + (state >> 40) as u8 % 26)
    };
    for number in 0..articles {
        let words: Vec<String> = (0..300).map(|_| (0..40).map(|_| letter()).collect()).collect();
        let text = format!("Village {number} is quiet\n\nA truce held there.\n\n{}\n", words.join(" "));
        scratch.write(&format!("{dir}/{number}.txt"), text);
    }
}

/// Indexes more and more on a disk of a size until it is full. What was committed must still answer, nothing that the
/// failed run wrote may be left, and with room the same run completes.
const FILL: &str = r#"
mkdir -p disk && mount -t tmpfs -o size="$KILOBYTES"k disk disk || exit 90
last=0
for part in bulk/*; do
    "$PROGRAM" index "$part" --index disk/index -q 2>said
    code=$?
    [ $code -eq 0 ] || break
    last=$("$PROGRAM" search truce -c --all --index disk/index)
done
echo "exit code $code after $last articles: $(cat said)"
"$PROGRAM" check --index disk/index || exit 91
[ "$last" = 0 ] || [ "$("$PROGRAM" search truce -c --all --index disk/index)" = "$last" ] || exit 92
for file in $(ls disk/index | grep -v ^manifest); do
    grep -q "\"$file\"" disk/index/manifest-*.json || echo "left behind: $file"
done
mount -o remount,size=1g disk || exit 93
"$PROGRAM" index bulk --index disk/index -q || exit 94
"$PROGRAM" check --index disk/index || exit 95
echo "at last $("$PROGRAM" search truce -c --all --index disk/index) articles"
exit $code
"#;

#[test]
fn a_full_disk_is_told_and_leaves_the_last_commit() {
    let scratch = Scratch::new();
    if !shell(&scratch.path(""), "unshare -rm true").status.success() {
        // The test below, of a limit on the size of files, runs everywhere.
        println!("not run: a small disk needs `unshare -rm` and the right to use it");
        return;
    }
    let largest: u64 = std::env::var("DATELINE_DISKS").map_or(0, |n| n.parse().unwrap());
    let sizes = if largest > 0 { (5..=largest).map(|mb| mb << 10).collect() } else { vec![300, 2000] };
    scratch.write("fill.sh", FILL);
    let parts = 5;
    for size in sizes {
        // A fifth more than there is room for.
        let articles = parts * (size / 10 / parts).max(20);
        let _ = std::fs::remove_dir_all(scratch.path("bulk"));
        for part in 0..parts {
            write_bulk(&scratch, &format!("bulk/{part}"), articles / parts);
        }
        let line = format!("PROGRAM=$0 KILOBYTES={size} unshare -rm sh fill.sh");
        let output = shell(&scratch.path(""), &line);
        expect(&output, 5, &["disk full at ", "MB are free", "make room"]);
        let told = told(&output);
        assert!(told.contains(&format!("at last {articles} articles")), "{told}");
        assert!(!told.contains("left behind"), "{told}");
        println!("{size} KB: {}", told.lines().next().unwrap_or_default());
    }
}

#[test]
fn a_file_that_may_not_grow_is_told_and_leaves_the_last_commit() {
    let scratch = Scratch::indexed();
    write_bulk(&scratch, "bulk", 60);
    let dir = scratch.path("");
    // The same without a disk of its own: no file may be larger than 100 KB.
    let limited = "trap '' XFSZ; ulimit -f 200; \"$0\" index bulk";
    let output = shell(&dir, limited);
    expect(&output, 5, &[".dateline/", "File too large"]);
    assert_eq!(scratch.ids_sorted(["ceasefire"]).len(), 4);
    scratch.dateline(["check"]).run().expect_code(0);
    scratch.dateline(["index", "bulk"]).run().expect_code(0);
    assert_eq!(scratch.dateline(["stats", "--json"]).run().json()["articles"], 64);
    // Not even a lock can be made.
    let output = shell(&dir, "trap '' XFSZ; ulimit -f 0; \"$0\" index news --index other");
    expect(&output, 5, &["other/"]);
}

#[test]
fn an_index_that_cannot_be_written_is_searched_and_not_indexed() {
    let scratch = Scratch::indexed();
    scratch.write("news/late.txt", "The ceasefire held until noon, the mayor said.");
    let dir = scratch.path("");
    let searched =
        "\"$P\" search ceasefire -c && \"$P\" check && \"$P\" stats && \"$P\" index news; echo \"ended $?\"";
    let owner = |line: &str| {
        format!(
            "chmod -R a+rX . && chmod -R go-w . && P=$0 setpriv --reuid 65534 --clear-groups sh -c '{line}'"
        )
    };
    let mounted = |line: &str| {
        format!(
            "P=$0 unshare -rm sh -c 'mount --bind .dateline .dateline && mount -o remount,ro,bind .dateline && {line}'"
        )
    };
    let mut ran = 0;
    for (probe, line) in [
        ("setpriv --reuid 65534 --clear-groups test -x \"$0\"", owner(searched)),
        ("unshare -rm mount --bind . .", mounted(searched)),
        ("[ $(id -u) -ne 0 ]", format!("P=$0; chmod -R a-w .dateline; {searched}; chmod -R u+w .dateline")),
    ] {
        if !shell(&dir, probe).status.success() {
            println!("not run here: {probe}");
            continue;
        }
        ran += 1;
        let output = shell(&dir, &line);
        expect(&output, 0, &["4\n", "every file is as it was written", "ended 5", ".dateline"]);
    }
    assert!(ran > 0);
    scratch.dateline(["check"]).run().expect_code(0);
}

#[test]
fn a_signal_ends_a_run_with_a_whole_index() {
    let scratch = Scratch::indexed();
    write_bulk(&scratch, "bulk", 400);
    let mut interrupted = 0;
    for (round, signal) in ["INT", "TERM", "HUP"].iter().cycle().take(9).enumerate() {
        let child = scratch.dateline(["index", "bulk", "--json"]).spawn();
        std::thread::sleep(Duration::from_millis(40 + 60 * round as u64));
        let sent = shell(&scratch.path(""), &format!("kill -{signal} {}", child.id()));
        let ended = child.wait_with_output().unwrap();
        // It may have been done, or not have begun to listen.
        if !sent.status.success() || ended.status.code().is_none() {
            continue;
        }
        let code = ended.status.code().unwrap();
        assert!([0, 130].contains(&code), "{signal}: {}", told(&ended));
        interrupted += u32::from(code == 130);
        scratch.dateline(["check"]).run().expect_code(0);
        let held = scratch.dateline(["stats", "--json"]).run().expect_code(0).json();
        assert!(held["articles"].as_u64().unwrap() >= 4);
    }
    assert!(interrupted > 0, "no run was interrupted");
    let report = scratch.dateline(["index", "bulk", "--json"]).run().expect_code(0).json();
    assert_eq!(report["articles"], 404);
}

#[test]
fn closed_streams_few_files_and_no_home_change_nothing() {
    let scratch = Scratch::new();
    write_news(&scratch);
    let dir = scratch.path("");
    for line in [
        "\"$0\" index news <&- >&- 2>&-",
        "ulimit -n 64; \"$0\" index news --threads 8",
        "ulimit -s 512; \"$0\" search '((((ceasefire))))' -c",
        "ulimit -n 64; \"$0\" search ceasefire --facets actor,broker -c",
        "\"$0\" search ceasefire -c <&-",
        "\"$0\" check >&-",
        "env -i \"$0\" search ceasefire -c",
    ] {
        let output = shell(&dir, line);
        assert_eq!(output.status.code(), Some(0), "{line}: {}", told(&output));
    }
    // What cannot be written out is no success.
    if Path::new("/dev/full").exists() {
        expect(&shell(&dir, "\"$0\" search ceasefire >/dev/full"), 5, &["No space left"]);
    }
    // Without the memory to begin with, the process ends as it must; the index is as it was.
    scratch.write("news/late.txt", "The ceasefire held until noon, the mayor said.");
    shell(&dir, "ulimit -v 100000; \"$0\" index news");
    scratch.dateline(["check"]).run().expect_code(0);
    assert!(scratch.ids_sorted(["ceasefire"]).len() >= 4);
}

#[test]
fn answers_do_not_depend_on_the_place_the_language_or_the_clock() {
    let scratch = Scratch::new();
    write_news(&scratch);
    let mut answers = Vec::new();
    let places = [
        ("UTC", "C"),
        ("Asia/Kathmandu", "tr_TR.UTF-8"),
        ("America/New_York", "de_DE@euro"),
        ("No/Where", "???"),
    ];
    for (number, (zone, locale)) in places.iter().enumerate() {
        let index = format!("index-{number}");
        let run = |args: &[&str]| {
            let ran = scratch.dateline([args, &["--index", &index]].concat());
            ran.env("TZ", zone).env("LANG", locale).env("LC_ALL", locale).run().expect_code(0)
        };
        run(&["index", "news"]);
        let exported = run(&["export"]).stdout;
        let mut found = run(&["search", "--json", "ceasefire 2020..2023"]).json();
        found.as_object_mut().unwrap().remove("took_ms");
        answers.push((exported, found));
    }
    assert!(answers[0].0.contains("2022-09-14"));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[test]
fn a_check_beside_a_writer_raises_no_false_alarm() {
    let scratch = Scratch::indexed();
    let mut writer = None;
    for round in 0..12 {
        scratch.write(
            &format!("news/{round}.txt"),
            format!("The ceasefire held on day {round}, the mayor said."),
        );
        let running = scratch.dateline(["index", "news", "-q"]).spawn();
        for _ in 0..3 {
            let checked = scratch.dateline(["check", "--json"]).run().expect_code(0).json();
            assert_eq!(checked["ok"], true);
            let count = string(
                &scratch.dateline(["search", "ceasefire", "-c"]).run().expect_code(0).stdout.trim().into(),
            );
            assert!(count.parse::<u64>().unwrap() >= 4);
        }
        writer = Some(running.wait_with_output().unwrap().status.code());
    }
    assert_eq!(writer, Some(Some(0)));
}
