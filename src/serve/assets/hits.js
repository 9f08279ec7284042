// The list of hits, with snippets, the evidence of what was asked for, and the copies of a story.

import { h, fill, spans } from "./dom.js";
import { get } from "./api.js";
import { query } from "./state.js";
import { date, method, many, number, shape, family, label } from "./words.js";

export const PAGE = 10;

export function dateOf(published) {
  if (!published) return h("span", { class: "undated-mark", title: "No date of publication is known" }, "undated");
  return h("time", { datetime: published.date, title: `${method(published)}; confidence ${published.confidence}` }, date(published.date));
}

// Who published it and when, as a newspaper's dateline has it.
export function dateline(article) {
  return h("p", { class: "dateline" }, article.source && h("b", {}, article.source), article.source && h("span", { class: "dash", "aria-hidden": "true" }, "—"), dateOf(article.published));
}

function snippet({ text, highlights }) {
  return h("p", { class: "snippet" }, spans(text, highlights.map(([start, end]) => ({ start, end })), (piece) => h("mark", {}, piece)));
}

function proof(app, { field, value, sentence, rule, confidence }) {
  return h("li", {},
    h("span", { class: `role ${family(field)}` }, h("i", { "aria-hidden": "true" }, shape(field)), ` ${label(field)} `, h("b", {}, value)),
    h("q", {}, sentence), h("span", { class: "rule", title: "the rule that fired, and its confidence" }, `${rule} ${confidence}`));
}

function copies(app, hit) {
  const list = h("ul", { class: "copies" });
  const toggle = async (event) => {
    const open = event.currentTarget.getAttribute("aria-expanded") === "true";
    event.currentTarget.setAttribute("aria-expanded", String(!open));
    if (open) return fill(list);
    fill(list, h("li", { class: "none" }, "…"));
    try {
      const answer = await get(`articles/${encodeURIComponent(hit.id)}/similar`);
      fill(list, answer.copies.map((copy) => h("li", {}, h("a", { href: app.address({ article: copy.id }), "data-go": true }, copy.title || copy.id), " ", h("span", { class: "fine" }, [copy.source, copy.published && date(copy.published.date), `${Math.round(copy.likeness * 100)} % in common`].filter(Boolean).join(" · ")))));
    } catch (error) {
      fill(list, h("li", { class: "none" }, error.message));
    }
  };
  const words = `${many(hit.copies, "copy", "copies")}${hit.outlets > 1 ? ` in ${hit.outlets} outlets` : ""}`;
  return [h("button", { type: "button", class: "link story", "aria-expanded": "false", data: { key: `story:${hit.id}` }, onclick: toggle }, words), list];
}

function hitView(app, hit) {
  const title = h("a", { href: app.address({ article: hit.id }), "data-go": true, class: "headline", data: { key: `hit:${hit.id}`, hit: hit.id } }, hit.title || "Without a headline");
  return h("li", { class: "hit" },
    dateline(hit),
    h("h2", {}, title),
    hit.snippets.map(snippet),
    hit.evidence.length > 0 && h("ul", { class: "proofs" }, hit.evidence.map((e) => proof(app, e))),
    hit.copies > 1 && h("div", { class: "story-row" }, copies(app, hit)));
}

function pager(app, answer) {
  const { offset } = app.state;
  const total = app.state.all ? answer.total : answer.stories;
  if (total <= PAGE) return null;
  const last = Math.min(offset + PAGE, total);
  const step = (to, text, rel) => h("a", { href: app.address({ offset: to }), "data-go": true, rel, class: "step", data: { key: `page:${rel}` } }, text);
  return h("nav", { class: "pager", "aria-label": "Pages" },
    offset > 0 ? step(Math.max(0, offset - PAGE), "← Before", "prev") : h("span", {}),
    h("span", { class: "fine" }, `${number(offset + 1)}–${number(last)} of ${number(total)}`),
    last < total && last < 10_000 ? step(offset + PAGE, "Further →", "next") : h("span", {}));
}

export function hitList(app, element, answer) {
  const list = answer.hits.length > 0 && h("ol", { class: "list", start: app.state.offset + 1 }, answer.hits.map((hit) => hitView(app, hit)));
  const beyond = answer.total > 0 && answer.hits.length === 0 && h("p", { class: "empty" }, "No more articles this far down.");
  fill(element, list || beyond || nothing(app, answer), list && pager(app, answer));
}

function nothing(app, answer) {
  const { state } = app;
  const ways = [
    (state.from || state.to) && ["Any time", { from: "", to: "", zoom: false }],
    state.f.length > 0 && ["Without the filters", { f: [] }],
    state.q.includes(" ") && !state.any && !state.plain && ["Any of the words", { any: true }],
    ["Start again", { q: "", f: [], from: "", to: "", any: false, plain: false, view: "" }],
  ].filter(Boolean);
  return h("div", { class: "empty" }, h("p", { class: "big" }, "No article."),
    answer.query.understood !== state.q.trim() && h("p", { class: "fine" }, "Searched for ", h("code", {}, answer.query.understood)),
    h("p", { class: "ways" }, ways.map(([text, patch]) => h("a", { href: app.address({ ...patch, offset: 0 }), "data-go": true, class: "step" }, text))));
}

// What the answer says of itself: how the query was read, and what it leaves out.
export function remarks(app, element, answer) {
  const used = answer.query.used ?? [];
  // What was chosen beside the query stands in its own row.
  const asTyped = answer.query.understood.replace(/ AND /g, " ");
  const chosen = app.state.f.length > 0 || app.state.from || app.state.to;
  const typed = app.state.q.trim().replace(/=/g, ":");
  const plain = asTyped === typed || (chosen && asTyped.startsWith(`${typed} `));
  const warnings = answer.warnings.map((text) => h("li", {}, linked(app, text)));
  const reading = !plain && app.state.q.trim() && [h("span", {}, "Read as ", h("code", {}, answer.query.understood)), used.length > 0 && " · ", used.join("; ")];
  fill(element, reading && h("p", { class: "fine" }, reading), warnings.length > 0 && h("ul", { class: "warnings" }, warnings));
}

// A note that says what finds the rest is a way there; so is a near spelling.
function linked(app, text) {
  const finds = /^(.*?)((?:published|[\w]+\.\w+):("[^"]+"|[^\s"]+)|published:none)( finds them.*)$/s.exec(text);
  if (finds) return [finds[1], h("a", { href: app.address(instead(app.state, finds[2])), "data-go": true }, finds[2]), finds[4]];
  const near = /^(no article has (\w+):(.+); near it: )(.+)$/.exec(text);
  if (near) {
    const names = near[4].split(", ");
    const links = names.map((name, i) => [i > 0 && ", ", h("a", { href: app.address(respelt(app.state, near[2], near[3], name)), "data-go": true }, name)]);
    return [near[1], links];
  }
  return text;
}

// Asks for `broker.any:Russia` where `broker:Russia` was asked for.
function instead(state, wider) {
  const [field, value] = [wider.slice(0, wider.indexOf(":")), wider.slice(wider.indexOf(":") + 1)];
  const name = value.replaceAll('"', "");
  if (field === "published") return { from: "", to: "", f: [...state.f.filter((f) => !f.startsWith("published")), `published=${name}`], offset: 0 };
  const narrow = `${field.split(".")[0]}=${name}`;
  if (state.f.includes(narrow)) return { f: state.f.map((f) => (f === narrow ? `${field}=${name}` : f)), offset: 0 };
  const plain = new RegExp(`\\b${field.split(".")[0]}[:=]("?)${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\1`, "i");
  const q = plain.test(state.q) ? state.q.replace(plain, () => wider) : `${state.q} ${wider}`.trim();
  return { q, offset: 0 };
}

function respelt(state, field, wrong, right) {
  const value = /[^\w-]/.test(right) ? `"${right}"` : right;
  const was = state.f.find((f) => f === `${field}=${wrong}`);
  if (was) return { f: state.f.map((f) => (f === was ? `${field}=${right}` : f)), offset: 0 };
  return { q: state.q.replace(new RegExp(`(${field}[:=])"?${wrong.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}"?`, "i"), (_, front) => front + value), offset: 0 };
}

// Addresses that download all of the answer.
export function downloads(selected) {
  return [["Articles", "articles"], ["Events", "events"]].flatMap(([name, what]) => ["csv", "jsonl"].map((format) => [`${name} as ${format.toUpperCase()}`, "/api/v1/export" + query({ ...selected, what, format })]));
}
