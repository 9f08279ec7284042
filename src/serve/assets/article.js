// One article: its text with names, roles and dates marked, what it states beside it, page chrome greyed.

import { h, fill, places, webAddress } from "./dom.js";
import { get, lane } from "./api.js";
import { dateline, dateOf } from "./hits.js";
import { states, rule } from "./evidence.js";
import { family, shape, label, date, method, many, rolesInOrder, NAME_FIELDS } from "./words.js";

const LAYERS = [["roles", "Roles"], ["names", "Names"], ["dates", "Dates"], ["chrome", "Page chrome"]];
const KINDS = [["person", "Person"], ["organisation", "Organisation"], ["country", "Country"], ["place", "Place"]];

// Everything that is marked in one of the two texts, in units of strings.
function marksOf(article, zone) {
  const text = zone === "title" ? article.title ?? "" : article.text;
  const here = (x) => (x.in ?? "text") === zone;
  const place = places(text);
  const mentions = article.mentions.filter(here).map((m) => ({ ...m, type: "mention", start: place(m.start), end: place(m.end), roles: [] }));
  const dates = article.dates.filter(here).map((d) => ({ ...d, type: "date", start: place(d.start), end: place(d.end) }));
  const sentences = [];
  article.events.forEach((event, number) => {
    if (!here(event)) return;
    const sentence = { type: "sentence", number, start: place(event.sentence[0]), end: place(event.sentence[1]) };
    sentences.push(sentence, { type: "trigger", start: place(event.trigger[0]), end: place(event.trigger[1]) });
    const inside = mentions.filter((m) => m.start >= sentence.start && m.end <= sentence.end);
    for (const [role, names] of Object.entries(event.roles)) {
      for (const name of names) {
        const played = inside.find((m) => m.entity === name) ?? inside.find((m) => m.entity === null && m.text === name);
        if (played && !played.roles.some((r) => r.role === role)) played.roles.push({ role, event });
      }
    }
  });
  return [...mentions, ...dates, ...sentences].sort((a, b) => a.start - b.start || b.end - a.end);
}

function roleTag({ role, event }) {
  const state = [event.status !== "asserted" && event.status, event.background && "background"].filter(Boolean).join(", ");
  return `${shape(role)}\u00a0${label(role).toLowerCase()}${state ? ` (${state})` : ""}`;
}

function piece(text, active, ends) {
  const find = (type) => active.find((m) => m.type === type);
  const mention = find("mention");
  const day = find("date");
  let node = text;
  if (find("trigger")) node = h("span", { class: "trigger" }, node);
  if (day) node = h("span", { class: "day", title: date(day.value) }, node);
  if (mention) {
    const first = mention.roles[0];
    const tags = first && ends(mention) && h("small", {}, mention.roles.map(roleTag).join(" "));
    const faint = first && mention.roles.every((r) => r.event.background || r.event.status !== "asserted");
    node = h("span", { class: `name k-${mention.kind}${first ? ` played ${family(first.role)}` : ""}${faint ? " faint" : ""}`, title: mention.entity ? `${mention.kind}: ${mention.entity}` : mention.kind }, node, tags);
  }
  const said = active.filter((m) => m.type === "sentence").map((m) => m.number);
  return said.length ? h("span", { class: "said", "data-events": said.join(" ") }, node) : node;
}

// The text between two places, cut wherever a mark begins or ends.
function pieces(text, marks, from, to) {
  const inside = marks.filter((m) => m.start < to && m.end > from);
  const cuts = [...new Set([from, to, ...inside.flatMap((m) => [m.start, m.end])])].filter((c) => c >= from && c <= to).sort((a, b) => a - b);
  const out = [];
  let next = 0;
  let active = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [a, b] = [cuts[i], cuts[i + 1]];
    active = active.filter((m) => m.end > a);
    while (next < inside.length && inside[next].start <= a) active.push(inside[next++]);
    active = active.filter((m) => m.end > a);
    out.push(active.length ? piece(text.slice(a, b), active, (m) => m.end === b) : text.slice(a, b));
  }
  return out;
}

// Lines are paragraphs, unless the text was broken at a width: then blank lines part them.
function paragraphs(text) {
  const lines = text.split("\n");
  const inner = lines.filter((line, i) => line.trim() && lines[i + 1]?.trim());
  const broken = inner.length > 8 && inner.filter((l) => l.length > 50 && l.length < 100).length > inner.length * 0.7;
  const out = [];
  let start = 0;
  const cut = broken ? /\n\s*\n/g : /\n+/g;
  for (const match of text.matchAll(cut)) {
    if (text.slice(start, match.index).trim()) out.push([start, match.index]);
    start = match.index + match[0].length;
  }
  if (text.slice(start).trim()) out.push([start, text.length]);
  return out;
}

// A paragraph may be set aside in part.
function cutAtChrome([start, end], chrome) {
  const out = [];
  let done = start;
  for (const [a, b] of chrome) {
    if (b <= done || a >= end) continue;
    if (a > done) out.push([done, Math.min(a, end), false]);
    out.push([Math.max(a, done), Math.min(b, end), true]);
    done = Math.min(b, end);
  }
  if (done < end) out.push([done, end, false]);
  return out;
}

function body(article) {
  const { text } = article;
  const place = places(text);
  const marks = marksOf(article, "text");
  const chrome = article.boilerplate.map(([a, b]) => [place(a), place(b)]).sort((a, b) => a[0] - b[0]);
  let headline = null;
  let aside = null;
  const out = [];
  for (const [a, b, set] of paragraphs(text).flatMap((p) => cutAtChrome(p, chrome))) {
    const said = text.slice(a, b);
    if (!said.trim()) continue;
    if (set) {
      if (!aside) out.push((aside = h("div", { class: "chrome", role: "note", "aria-label": "Page chrome, set aside" })));
      aside.append(h("p", {}, said));
      continue;
    }
    aside = null;
    if (!headline && article.title && said.trim() === article.title.trim()) headline = pieces(text, marks, a, b);
    else out.push(h("p", {}, pieces(text, marks, a, b)));
  }
  headline ??= article.title ? pieces(article.title, marksOf(article, "title"), 0, article.title.length) : ["Without a headline"];
  return { headline, out };
}

function eventItem(event, number, show) {
  const rows = rolesInOrder(Object.keys(event.roles)).map((role) => h("span", { class: `role ${family(role)}` }, h("i", { "aria-hidden": "true" }, shape(role)), ` ${label(role)} `,
    h("b", {}, event.roles[role].join(", ")), event.roles[role].some((n) => event.rolled_up.includes(n)) && h("span", { class: "fine", title: "a country, by its official or organ" }, " by office")));
  return h("li", {}, h("button", { type: "button", class: "event", data: { key: `event:${number}`, number }, onclick: () => show(number) }, rows), h("p", { class: "under" }, states(event), rule(event)));
}

function named(app, article) {
  const groups = NAME_FIELDS.filter((f) => f !== "actor").map((field) => [field, article.facets[field] ?? []]).filter(([, names]) => names.length);
  if (groups.length === 0) return null;
  return h("section", {}, h("h2", {}, "Named here"), groups.map(([field, names]) => h("p", { class: "names" }, h("b", {}, label(field)), h("span", {}, names.map((name, i) => [i > 0 && ", ", h("a", { href: app.fresh({ f: [`${field}=${name}`] }), "data-go": true }, name)])))));
}

function datesOf(article) {
  const seen = new Set();
  const list = article.dates.filter((d) => !seen.has(`${d.text}|${d.value}`) && seen.add(`${d.text}|${d.value}`));
  return list.length > 0 && h("section", {}, h("h2", {}, "Dates in the text"), h("dl", { class: "days" }, list.map((d) => [h("dt", {}, d.text), h("dd", {}, date(d.value))])));
}

function legend(app, toggle) {
  const boxes = LAYERS.map(([id, name]) => h("label", { class: `layer l-${id}` }, h("input", { type: "checkbox", checked: !app.state.hide.includes(id), data: { key: `layer:${id}` }, onchange: () => toggle(id) }), h("span", {}, name)));
  const kinds = h("p", { class: "kinds" }, KINDS.map(([kind, name]) => h("span", { class: `name k-${kind}` }, name)), h("span", { class: "day" }, "Date"), h("span", { class: "trigger" }, "word that tells"));
  return h("fieldset", { class: "legend" }, h("legend", {}, "Marked"), h("div", { class: "layers" }, boxes), kinds);
}

export function reader(app, element) {
  const asking = lane();
  let shown = null;

  function toggle(layer) {
    const { hide } = app.state;
    app.go({ hide: hide.includes(layer) ? hide.filter((l) => l !== layer) : [...hide, layer] });
  }

  function spotlight(number, scroll = true) {
    for (const lit of element.querySelectorAll(".lit")) lit.classList.remove("lit");
    const parts = [...element.querySelectorAll(".said")].filter((e) => e.dataset.events.split(" ").includes(String(number)));
    for (const part of parts) part.classList.add("lit");
    element.querySelector(`[data-number="${number}"]`)?.closest("li").classList.add("lit");
    if (scroll) parts[0]?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  function way() {
    const back = h("a", { href: app.address({ article: "", at: 0 }), class: "step", data: { key: "back" }, onclick: (e) => { e.preventDefault(); app.back(); } }, "← Back to the list");
    const [before, after] = app.neighbours();
    const step = (hit, text, key) => hit && h("a", { href: app.address({ article: hit.id, at: 0 }), "data-go": true, class: "step", title: hit.title ?? "", data: { key } }, text);
    return h("nav", { class: "way", "aria-label": "Article" }, back, h("span", { class: "spread" }), step(before, "← Previous", "prev"), step(after, "Next →", "next"));
  }

  async function alike(article, box) {
    try {
      const answer = await get(`articles/${encodeURIComponent(article.id)}/similar`);
      if (shown?.id !== article.id) return;
      const part = (title, list) => list.length > 0 && h("section", {}, h("h2", {}, title), h("ul", { class: "alike" }, list.slice(0, 6).map((a) => h("li", {}, h("a", { href: app.address({ article: a.id, at: 0 }), "data-go": true }, a.title || a.id), h("span", { class: "fine" }, a.source && `${a.source} · `, dateOf(a.published))))));
      fill(box, part(many(answer.copies.length, "copy", "copies") + " of this story", answer.copies), part("On the same matter", answer.related));
    } catch {
      // What is like it is an extra; the article is there without it.
    }
  }

  function draw(article) {
    const { headline, out } = body(article);
    const url = webAddress(article.url);
    const events = article.events.map((e, i) => eventItem(e, i, spotlight));
    const how = article.published ? `Dated ${method(article.published)}, with confidence ${article.published.confidence}` : "The text states no date of publication";
    const near = h("div", {});
    fill(element, way(), h("div", { class: "spread-page" },
      h("article", { class: "text", lang: article.language ?? "en" },
        dateline(article),
        h("h1", { tabindex: "-1" }, headline),
        h("p", { class: "fine origin" }, how, " · ", url ? h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, new URL(url).hostname) : article.url, (url || article.url) && " · ", h("span", { class: "path" }, article.path)),
        out),
      h("aside", { class: "margin", "aria-label": "What was found in it" },
        legend(app, toggle),
        h("section", {}, h("h2", {}, "What it states"), events.length ? h("ol", { class: "events" }, events) : h("p", { class: "fine" }, article.language && article.language !== "en" ? "Read as text only: rules are for English." : "No event that the rules can tell.")),
        named(app, article), datesOf(article), near)));
    layers();
    alike(article, near);
  }

  function layers() {
    for (const [id] of LAYERS) element.classList.toggle(`no-${id}`, app.state.hide.includes(id));
  }

  return {
    show() {
      const { article: id, at: place } = app.state;
      if (shown?.id === id) {
        layers();
        return;
      }
      asking.ask(`articles/${encodeURIComponent(id)}`, (article) => {
        shown = article;
        draw(article);
        document.title = `${article.title ?? article.id} · Dateline`;
        scrollTo(0, 0);
        element.querySelector("h1").focus({ preventScroll: true });
        const number = place ? article.events.findIndex((e) => e.sentence[0] + 1 === place) : -1;
        if (number >= 0) spotlight(number);
      }, (error) => {
        fill(element, way(), h("p", { class: "empty big" }, error.status === 404 ? "No such article in this index." : error.message));
      });
    },
    hide() {
      shown = null;
      asking.forget();
      fill(element);
    },
  };
}
