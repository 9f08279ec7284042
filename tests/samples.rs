//! A small file of every format, written for the tests; the formats' tests read them and the fuzzer mutates them.

use std::io::Write;

/// What a sample is called and what it holds. The name tells the format.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let text = |t: &str| t.as_bytes().to_vec();
    vec![
        ("plain.txt", text(PLAIN)),
        ("markdown.md", text(MARKDOWN)),
        ("page.html", text(PAGE)),
        ("saved.mhtml", text(SAVED)),
        ("records.json", text(JSON)),
        ("feed.json", text(JSON_FEED)),
        ("records.jsonl", text(JSONL)),
        ("table.csv", text(CSV)),
        ("table.tsv", text("Headline\tText\tDate\nFerry late\tThe ferry was late.\t2020-10-27\n")),
        ("crawl.warc", warc()),
        ("crawl.warc.gz", warc_gz()),
        ("crawl.arc", arc()),
        ("news.rss", text(RSS)),
        ("old.rdf", text(RDF)),
        ("news.atom", text(ATOM)),
        ("item.xml", text(NEWSML)),
        ("story.nitf", text(NITF)),
        ("letters.mbox", text(MBOX)),
        ("letter.eml", text(LETTER)),
        (
            "all.zip",
            zipped(&[
                ("in/plain.txt", PLAIN.as_bytes()),
                ("in/table.csv", CSV.as_bytes()),
                ("photo.jpg", b"\x01"),
            ]),
        ),
        ("all.tar", tarred(&[("in/plain.txt", PLAIN.as_bytes()), ("in/news.xml", RSS.as_bytes())])),
        ("all.tar.gz", gzip(&tarred(&[("in/records.jsonl", JSONL.as_bytes())]))),
    ]
}

pub const PLAIN: &str = "Fishing fleet returns\nBy Ann Ruel\n27 October 2020\n\nThe fishing fleet was back in the harbour of the island on Friday, the mayor said.\n\nThe boats had been away for a week.\n";

pub const MARKDOWN: &str = "---\ntitle: \"Fleet: it returns\"\ndate: 2020-10-27\nauthors:\n  - Ann Ruel\ntags: [sea]\nsection: Coast\n---\n# Fleet returns\n\nThe [fishing fleet](https://e.org) was **back** in the\nharbour of the island.\n\n- The boats\n- The nets\n";

pub const PAGE: &str = r#"<!DOCTYPE html><html lang="en"><head><title>Fishing fleet returns | The Harbour</title>
<meta property="article:section" content="Coast"><meta property="og:site_name" content="The Harbour">
<script type="application/ld+json">{"@type":"NewsArticle","headline":"Fishing fleet returns","datePublished":"2022-03-01T10:00:00+02:00",
"author":[{"@type":"Person","name":"Ann Ruel"},{"@type":"Person","name":"Ivo Part"}],"articleSection":["Coast","Trade"]}</script></head><body>
<nav><a href="/">Home</a> <a href="/w">Weather</a></nav>
<article><h1>Fishing fleet returns</h1>
<p>The fishing fleet was back in the harbour of the island on Friday, and the mayor met the crews on the pier.</p>
<p>The storm had kept the forty boats at sea for three days, the harbour master said, and two of them had lost their nets.</p>
<p>The market was open until the evening, and the price of cod fell by a third in the first hour of the sale.</p>
</article><footer>All rights reserved.</footer></body></html>"#;

const SAVED: &str = "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://harbour.example/fleet\r\nSubject: Fishing fleet returns\r\nDate: Tue, 27 Oct 2020 15:00:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; type=\"text/html\"; boundary=\"----b\"\r\n\r\n------b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Location: https://harbour.example/fleet\r\n\r\n<html><body><h1>Fishing fleet returns</h1><p class=3Ddate>5 hours ago</p><article><p>The fishing fleet was back in the harbour of the island on Friday, and the m=\r\nayor met the crews on the pier caf=C3=A9.</p><p>The storm had kept the forty boats at sea for three days, the harbour master said, and two of them had lost their nets.</p></article></body></html>\r\n------b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n------b--\r\n";

const JSON: &str = r#"{"articles":[{"id":"a","title":"Ferry late","text":"The ferry was late.","date":1603756800,"category":"Coast"},{"id":"b","text":""}]}"#;

const JSON_FEED: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"The Harbour","language":"en-GB","items":[
{"id":"1","url":"https://harbour.example/1","title":"Ferry &amp; fleet late","content_html":"<p>The ferry was <b>late</b>.</p><p>So was the fleet.</p>","date_published":"2020-10-27T08:00:00Z","authors":[{"name":"Ann Ruel"}],"tags":["Coast"]},
{"id":2,"content_text":"Only text."}]}"#;

pub const JSONL: &str = "{\"id\":\"r1\",\"text\":\"The ferry was late.\"}\nno JSON\n{\"id\":\"r2\",\"text\":\"The ferry was early.\",\"date\":\"2020-10\"}\n";

const CSV: &str = "\u{feff}Headline,Date,Body,Outlet\n\"Ferry, late\",2020-10-27,\"The ferry was late.\n\nThe mayor said \"\"sorry\"\".\",Log\nNo text,2020-10-28,,Log\nFerry early,,The ferry was early.,Log\n";

const RSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE rss [<!ENTITY lol "lol">]>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>The Harbour</title><link>https://harbour.example/</link><language>en-gb</language><image><title>Logo</title></image>
<item><title>Ferry &amp;amp; fleet late &lol;</title><link>https://harbour.example/1</link><guid>h-1</guid>
<pubDate>Tue, 27 Oct 2020 08:00:00 GMT</pubDate><dc:creator>Ann Ruel</dc:creator><category>Coast</category>
<description>Short.</description><content:encoded><![CDATA[<p>The ferry was <b>late</b>.</p><script>x()</script><p>So was the fleet.</p>]]></content:encoded></item>
<item><title>Headline alone</title><link>/2</link></item>
<item></item>
</channel></rss>"#;

const RDF: &str = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://harbour.example/"><title>The Harbour</title><link>https://harbour.example/</link></channel>
<item rdf:about="https://harbour.example/3"><title>Nets lost</title><link>https://harbour.example/3</link><dc:date>2020-10-27T23:30:00+01:00</dc:date><description>Two boats lost their nets.</description></item></rdf:RDF>"#;

const ATOM: &str = r#"<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:base="https://harbour.example/news/"><a:title>The Harbour</a:title>
<a:entry><a:id>urn:4</a:id><a:title type="html">Cod &lt;i&gt;cheap&lt;/i&gt;</a:title><a:link href="4.html"/><a:updated>2020-10-29T08:00:00Z</a:updated><a:published>2020-10-28T08:00:00Z</a:published>
<a:author><a:name>Ivo Part</a:name></a:author><a:content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>The price of cod fell.</p><p>By a third.</p></div></a:content></a:entry></a:feed>"#;

const NEWSML: &str = r#"<?xml version="1.0"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<newsItem guid="urn:newsml:harbour.example:1" version="2" xml:lang="en"><rightsInfo><copyrightHolder><name>Harbour Press</name></copyrightHolder></rightsInfo>
<itemMeta><itemClass qcode="ninat:text"/><provider qcode="n:hp"/><versionCreated>2020-10-28T10:00:00Z</versionCreated><firstCreated>2020-10-27T10:00:00+01:00</firstCreated></itemMeta>
<contentMeta><by>By Ann Ruel</by><headline>Fishing fleet returns</headline><language tag="en-GB"/><subject qcode="medtop:1"><name>fishing</name></subject></contentMeta>
<contentSet><inlineXML contenttype="application/nitf+xml"><nitf><body><body.head><hedline><hl1>Inner</hl1></hedline></body.head>
<body.content><p>The <org>fishing fleet</org> was back.</p><media><media-caption>A boat</media-caption></media><p>It was late.</p></body.content></body></nitf></inlineXML>
<inlineData contenttype="text/plain">Not for publication.</inlineData></contentSet></newsItem>
<newsItem guid="p"><itemMeta><itemClass qcode="ninat:picture"/></itemMeta><contentSet><remoteContent href="a.jpg"/></contentSet></newsItem>
<packageItem guid="k"/></itemSet></newsMessage>"#;

const NITF: &str = r#"<nitf><head><title>Fleet</title><docdata><doc-id id-string="hp-7"/><date.issue norm="20201027T100000Z"/></docdata><pubdata name="Harbour Press" position.section="Coast"/></head>
<body><body.head><hedline><hl1>Fishing fleet returns</hl1></hedline><byline>By <person>Ann Ruel</person><byttl>Staff Reporter</byttl></byline></body.head>
<body.content><block><p>The fishing fleet was back in the <location>harbour</location>.</p><p>It was late.</p></block></body.content><body.end><tagline>hp</tagline></body.end></body></nitf>"#;

const LETTER: &str = "From: The Harbour <news@harbour.example>\r\nTo: you@example.org\r\nSubject: =?utf-8?q?Morning_letter=3A_caf=C3=A9?=\r\nMessage-ID: <1@harbour.example>\r\nDate: Tue, 27 Oct 2020 23:30:00 -0500\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nView this letter in your browser.\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head><style>p{}</style></head><body><table><tr><td><p>The fishing fleet was back.</p><p>It was late.</p></td></tr></table></body></html>\r\n--b--\r\n";

const MBOX: &str = "From news@harbour.example Tue Oct 27 08:00:00 2020\nFrom: The Harbour <news@harbour.example>\nSubject: First\nDate: Tue, 27 Oct 2020 08:00:00 +0000\n\nThe fishing fleet was back.\n\n>From the pier came cheers.\n\nFrom news@harbour.example Wed Oct 28 08:00:00 2020\nFrom: news@harbour.example\nSubject: Second\nDate: Wed, 28 Oct 2020 08:00:00 +0000\n\nThe price of cod fell.\n";

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

pub fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

/// A record of a web archive, with a length that is right or not.
pub fn record(kind: &str, url: &str, media_type: &str, block: &[u8], length: usize) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2020-10-27T15:00:00Z\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

/// An answer of a server with a page in it.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n{headers}\r\n").as_bytes(), body]
        .concat()
}

fn records() -> Vec<Vec<u8>> {
    let chunked = {
        let (first, rest) = PAGE.split_at(100);
        format!("{:x}\r\n{first}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n", first.len(), rest.len())
    };
    let page = |url: &str, block: Vec<u8>| {
        record("response", url, "application/http; msgtype=response", &block, block.len())
    };
    let plain = PLAIN.as_bytes();
    vec![
        record("warcinfo", "", "application/warc-fields", b"software: test\r\n", 16),
        record("request", "https://h.example/1", "application/http", b"GET / HTTP/1.1\r\n\r\n", 18),
        page("https://h.example/1", answer("200 OK", "", PAGE.as_bytes())),
        page("https://h.example/2", answer("200 OK", "Transfer-Encoding: chunked\r\n", chunked.as_bytes())),
        page("https://h.example/3", answer("200 OK", "Content-Encoding: gzip\r\n", &gzip(PAGE.as_bytes()))),
        page("https://h.example/4", answer("302 Found", "Location: /\r\n", b"")),
        page("https://h.example/5", answer("404 Not Found", "", b"<html>gone</html>")),
        record("revisit", "https://h.example/1", "application/http", b"HTTP/1.1 200 OK\r\n\r\n", 19),
        record("conversion", "https://h.example/6", "text/plain", plain, plain.len()),
    ]
}

fn warc() -> Vec<u8> {
    records().concat()
}

fn warc_gz() -> Vec<u8> {
    records().iter().flat_map(|r| gzip(r)).collect()
}

fn arc() -> Vec<u8> {
    let block = answer("200 OK", "", PAGE.as_bytes());
    let head = "filedesc://x.arc 0.0.0.0 20201027150000 text/plain 15\n1 0 test\nURL IP\n\n";
    let line = format!("https://h.example/a b 192.0.2.1 20201027150000 text/html {}\n", block.len());
    [head.as_bytes(), line.as_bytes(), &block, b"\n"].concat()
}
