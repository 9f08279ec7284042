//! Random articles and queries. Few words, so that they meet.

use dateline::article::Article;
use dateline::article::Block;
use dateline::article::BlockKind;
use dateline::article::Method;
use dateline::article::Published;
use dateline::article::Span;
use dateline::query::Filter;
use dateline::query::Request;

/// A small generator of numbers (SplitMix64): the same seed, the same corpus and queries.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % end.max(1) as u64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

const WORDS: &[&str] = &[
    "ceasefire",
    "cease-fire",
    "cease fire",
    "truce",
    "truces",
    "talk",
    "talks",
    "talking",
    "border",
    "borders",
    "harvest",
    "ferry",
    "ferries",
    "bridge",
    "winter",
    "council",
    "councils",
    "mayor",
    "école",
    "river",
    "rivers",
    "flood",
    "flooded",
    "market",
    "markets",
    "ballot",
    "fire",
    "cease",
    "clash",
    "clashes",
    "2020",
    "15",
    "U.S.",
];

const ACTORS: &[&str] = &["Russia", "Turkey", "Armenia", "Azerbaijan", "Qatar", "France"];

const NAMES: &[&str] = &["Pashinyan", "Pashinian", "Moscow", "Ankara"];

const SOURCES: &[&str] = &["The Lantern", "The Courier", "Harbour Radio"];

const DATES: &[&str] =
    &["2019-12-30", "2020-10-10", "2020-10-27", "2020-11-02", "2021-01-05", "2020-10", "2020", "2021-03"];

const STATES: &[&str] = &["", ".any", ".offered", ".background", ".failed"];

const ROLES: &[&str] = &["broker", "party", "accuser", "accused", "host", "attacker"];

/// A sentence that makes an event, or nearly one.
fn sentence(random: &mut Random) -> String {
    let (a, b, c) = (random.pick(ACTORS), random.pick(ACTORS), random.pick(ACTORS));
    let word = random.pick(WORDS);
    match random.below(8) {
        0 => format!("{a} brokered a ceasefire between {b} and {c}."),
        1 => format!("{a} offered to mediate between {b} and {c}."),
        2 => format!("{a} accused {b} of breaking the truce near the {word}."),
        3 => format!(
            "{a} hosted talks between {b} and {c} on {}.",
            random.pick(&["October 27, 2020", "Tuesday"])
        ),
        4 => format!("In 1994, {a} brokered a truce between {b} and {c}."),
        5 => format!("{a} failed to broker a ceasefire between {b} and {c}."),
        6 => format!("Nikol {} spoke of the {word}.", random.pick(&["Pashinyan", "Pashinian"])),
        _ => format!("{a} attacked the {word}."),
    }
}

/// Words in no order; enough of them that two articles are no copies of each other.
fn salad(random: &mut Random, words: usize) -> String {
    (0..words).map(|_| random.pick(WORDS)).collect::<Vec<_>>().join(" ")
}

pub fn article(random: &mut Random) -> Article {
    let mut title = salad(random, 3);
    if random.once_in(4) {
        title = sentence(random).trim_end_matches('.').to_string();
    }
    let mut text = salad(random, 60);
    for _ in 0..random.below(4) {
        text.push_str(". ");
        text.push_str(&sentence(random));
    }
    // A copy of another one now and then: the same text, which few words of its own follow.
    if random.once_in(6) {
        let mut same = Random::new(random.below(3) as u64);
        text = format!("{} {}", salad(&mut same, 120), random.pick(WORDS));
    }
    let published = DATES.get(random.below(DATES.len() + 3)).map(|date| Published {
        date: date.parse().unwrap(),
        method: Method::Record,
        confidence: 1.0,
    });
    let source = SOURCES.get(random.below(SOURCES.len() + 1)).map(|s| s.to_string());
    let blocks = vec![Block { span: Span::new(0, text.len()), kind: BlockKind::Body }];
    Article { title, text, blocks, published, source, language: Some("en".into()), ..Article::default() }
}

pub fn request(random: &mut Random) -> Request {
    let mut filters = Vec::new();
    for _ in 0..random.below(3) {
        let (field, value) = match random.below(4) {
            0 => (random.pick(ROLES).to_string(), random.pick(ACTORS)),
            1 => ("source".into(), random.pick(SOURCES)),
            2 => ("country".into(), random.pick(ACTORS)),
            _ => ("broker".into(), "*"),
        };
        filters.push(Filter { field, value: value.into(), exclude: random.once_in(4) });
    }
    let bound = |random: &mut Random| {
        if random.once_in(6) { Some(random.pick(DATES).to_string()) } else { None }
    };
    Request {
        query: query(random, 3),
        any: random.once_in(8),
        plain: false,
        filters,
        from: bound(random),
        to: bound(random),
        limit: 7,
        facets: ["broker", "actor", "country", "source", "month", "accused.any"]
            .map(|f| (f.to_string(), 1000))
            .into(),
        ..Request::default()
    }
}

/// A query of the whole language, nested up to a depth.
fn query(random: &mut Random, depth: usize) -> String {
    let parts = 1 + random.below(3);
    let parts: Vec<String> = (0..parts).map(|_| part(random, depth)).collect();
    parts.join(random.pick(&[" ", " ", " AND ", " OR "]))
}

fn part(random: &mut Random, depth: usize) -> String {
    match random.below(20) {
        0..=4 => random.pick(WORDS).to_string(),
        5 => random.pick(NAMES).to_string(),
        6 => format!("\"{}\"", random.pick(WORDS)),
        7 => format!("\"{} {}\"", random.pick(WORDS), random.pick(WORDS)),
        8 => {
            let words: Vec<&str> = (0..2 + random.below(2)).map(|_| random.pick(WORDS)).collect();
            format!("\"{}\"~{}", words.join(" "), random.below(6))
        }
        9 => pattern(random),
        10 => format!("title:{}", random.pick(WORDS)),
        11 => format!("title:({} {})", random.pick(WORDS), random.pick(WORDS)),
        12..=13 => role(random),
        14 => random
            .pick(&[
                "source:\"The Lantern\"",
                "source:(\"The Lantern\" OR \"The Courier\")",
                "country:Arm*",
                "actor:turkei~2",
                "person:/.*pashin.*/",
                "path:corpus/1*",
            ])
            .to_string(),
        15 => dates(random),
        16 => event(random),
        17 if depth > 0 => format!("-{}", part(random, depth - 1)),
        18 if depth > 0 => format!("({})", query(random, depth - 1)),
        _ => format!("{}^2", random.pick(WORDS)),
    }
}

fn pattern(random: &mut Random) -> String {
    random
        .pick(&[
            "tal*",
            "*fire",
            "r?ver",
            "cl*sh*",
            "ferr*",
            "truce~1",
            "harbest~1",
            "ferries~2",
            "/tru.*/",
            "/(flood|ferry)/",
            "c*-f*",
            "ÉCO*",
            "title:tal*",
            "title:truse~1",
        ])
        .to_string()
}

fn role(random: &mut Random) -> String {
    let (role, state) = (random.pick(ROLES), random.pick(STATES));
    match random.below(4) {
        0 => format!("{role}{state}:*"),
        1 => format!("{role}{state}:({} OR {})", random.pick(ACTORS), random.pick(ACTORS)),
        2 => format!("{role}{state}:{}", random.pick(NAMES)),
        _ => format!("{role}{state}={}", random.pick(ACTORS)),
    }
}

fn dates(random: &mut Random) -> String {
    let (a, b) = (random.pick(DATES), random.pick(DATES));
    match random.below(8) {
        7 => random.pick(&["2020-10", "2020-10-27", "(published:none OR 2020-11)"]).to_string(),
        0 => format!("{a}..{b}"),
        1 => format!("published:{a}"),
        2 => format!("published:>={a}"),
        3 => format!("published:[{a} TO *]"),
        4 => "published:none".into(),
        5 => "published:*".into(),
        _ => format!(
            "mentioned:{}",
            random.pick(&[
                "2020-10-27",
                "2020-10",
                "XXXX-10-27",
                "1994",
                "2020..2021",
                "2020-10-20..2020-10-31"
            ])
        ),
    }
}

fn event(random: &mut Random) -> String {
    let mut parts = Vec::new();
    for _ in 0..1 + random.below(3) {
        parts.push(match random.below(8) {
            0..=2 => format!("{}:{}", random.pick(ROLES), random.pick(ACTORS)),
            3 => format!(
                "{}{}:{}",
                random.pick(ROLES),
                random.pick(STATES),
                random.pick(&["*", "Russia", "Tur*"])
            ),
            4 => random
                .pick(&["ceasefire", "truce", "\"the truce\"", "breaking", "\"breaking the\""])
                .to_string(),
            5 => random.pick(&["kind:mediate", "status:offered", "status:any", "background:yes"]).to_string(),
            6 => random.pick(&["2020-10", "date:2020-10", "1994", "date:2020-10-20..2020-10-31"]).to_string(),
            _ => format!("-{}:{}", random.pick(ROLES), random.pick(ACTORS)),
        });
    }
    let inside = parts.join(random.pick(&[" ", " ", " OR "]));
    format!("event{{{inside}}}")
}
