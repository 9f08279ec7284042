// The page: what is in the address is shown; what is done changes the address.

import { at, h, fill } from "./dom.js";
import { get, lane } from "./api.js";
import { read, write, query, selection, filter } from "./state.js";
import { NAME_FIELDS, ORIGIN_FIELDS, isRole, label, shape, family, many, number, date } from "./words.js";
import { searchBox, trouble } from "./search-box.js";
import { facetPanel, wanted, later, spoken } from "./facets.js";
import { timeline, address as timelineAddress } from "./timeline.js";
import { hitList, remarks, downloads, PAGE } from "./hits.js";
import { reader } from "./article.js";
import { evidencePanel } from "./evidence.js";
import { pairView, ofPairs, address as pairsAddress } from "./pairs.js";
import { helpText, language } from "./help.js";

const BUILT_IN = ["broker", "host", "party", "accuser", "accused", "attacker", "target", "sanctioner", "sanctioned", "backer", "signatory", "speaker"];
const SETTLED = 1500;
const REST = 700;

const app = {
  state: read(),
  roles: BUILT_IN,
  isRole: (field) => isRole(field, app.roles),
};
const lanes = { search: lane(), timeline: lane(), pairs: lane(), closed: lane() };
let parts;
let answer = null;
let stats = null;
let lastTyped = -Infinity;
let half = false;
let lastList = 0;
let asked = {};

// Addresses

app.address = (patch) => write({ ...app.state, article: "", at: 0, ...patch });
app.fresh = (patch) => write({ ...read(""), view: "list", ...patch });

app.go = (patch, { push = false } = {}) => {
  const next = { ...app.state, ...patch };
  const address = write(next);
  if (address === write(app.state)) return update();
  if (next.article && !app.state.article) lastList = scrollY;
  const step = { list: Boolean(next.article) && !app.state.article };
  history[push ? "pushState" : "replaceState"](push ? step : history.state, "", address);
  app.state = next;
  update();
};

app.visit = (address) => {
  const target = new URL(address, location.href);
  app.go(read(target.search), { push: true });
};

// Typing is one step of the history until it rests.
app.typed = (text) => {
  const now = performance.now();
  const push = now - lastTyped > SETTLED || Boolean(app.state.article);
  lastTyped = now;
  half = isHalf(text);
  app.go({ q: text, offset: 0, article: "", at: 0, why: [] }, { push });
};

app.entered = (text) => {
  const push = lastTyped === -Infinity;
  lastTyped = -Infinity;
  half = false;
  app.go({ q: text.trim(), offset: 0, article: "", at: 0, view: app.state.view || "list" }, { push });
  troubleNow();
  if (asked.search?.answer) shown(asked.search.answer);
};

// `broker:` or `(truce OR` will be more in a moment: nothing is asked until then, or until Enter.
function isHalf(text) {
  const count = (sign) => text.split(sign).length - 1;
  return /(^|[\s(])(-|OR|AND|NOT)$|\b(OR|AND|NOT)\s+$|[:=(]$/.test(text) || count('"') % 2 === 1 || count("(") > count(")") || count("{") > count("}");
}

app.why = (list, { replace = false } = {}) => {
  const from = list.length ? null : app.state.why;
  app.go({ why: list }, { push: !replace });
  if (from) [...document.querySelectorAll("[data-key]")].find((e) => [`e:${from[0]}`, `c:${pairKey(from)}`, `r:${pairKey(from)}`].includes(e.dataset.key))?.focus();
};

const pairKey = (why) => why.map((w) => filter(w).value).join(":");

app.back = () => {
  if (history.state?.list) history.back();
  else app.go({ article: "", at: 0 }, { push: true });
};

app.firstHit = () => {
  const first = document.querySelector("#hits .headline, #start a");
  first?.focus();
  return Boolean(first);
};

app.neighbours = () => {
  const hits = answer?.hits ?? [];
  const here = hits.findIndex((hit) => hit.id === app.state.article);
  return here < 0 ? [] : [hits[here - 1], hits[here + 1]];
};

app.drawer = (open) => {
  document.body.classList.toggle("drawer", open);
  if (open) parts.facets.focus();
};

// What is asked

const isStart = (state) => !state.view && !state.article && !state.q.trim() && !state.f.length && !state.from && !state.to;

function searchAddress(state) {
  return "search" + query({
    ...selection(state), sort: state.sort || (state.q.trim() ? "" : "newest"), all: state.all, expand: state.expand,
    limit: isStart(state) || state.view === "pairs" ? 0 : PAGE, offset: state.offset || "", facets: wanted(state, app.roles),
  });
}

// The hits come first: what is counted over time follows them.
function askTimeline() {
  if (!app.state.article) ask("timeline", timelineAddress(app.state), (got) => parts.timeline.show(got), () => {}, () => parts.timeline.mark());
}

// A moment after the answer, so that it takes nothing from the next key's.
let quiet = 0;
function askClosed() {
  clearTimeout(quiet);
  quiet = setTimeout(() => {
    if (half) return;
    const address = "search" + query({ ...selection(app.state), limit: 0, facets: later(app.state, app.roles) });
    ask("closed", address, (got) => parts.facets.showClosed(got), () => {}, () => {});
  }, 120);
}

function update() {
  const { state } = app;
  parts.box.show(state.q);
  const start = isStart(state);
  const pairs = state.view === "pairs";
  document.body.dataset.view = state.article ? "article" : start ? "start" : pairs ? "pairs" : "list";
  at("article").hidden = !state.article;
  at("results").hidden = Boolean(state.article) || start;
  at("start").hidden = Boolean(state.article) || !start;
  if (!start && !at("answer").contains(at("timeline"))) at("bar").before(at("timeline"));
  current();
  if (state.article) parts.reader.show();
  else parts.reader.hide();
  parts.evidence.show();
  if (half) return title();
  ask("search", searchAddress(state), (got) => { answered(got); askTimeline(); }, failed);
  if (pairs && !state.article) ask("pairs", pairsAddress(state), (a) => pairView(app, at("pairs"), a), () => {}, () => {}, state.as);
  else if (!pairs) { fill(at("pairs")); asked.pairs = null; }
  if (!state.article) title();
}

// Asks again only for what changed; what only looks different is drawn from the last answer.
function ask(name, address, done, failed, same = () => done(asked[name].answer), look = "") {
  const before = asked[name];
  if (before?.address === address && before.look === look) {
    if (before.answer) same();
    return;
  }
  if (before?.address === address && before.answer) {
    before.look = look;
    return done(before.answer);
  }
  const mine = { address, look, since: performance.now() };
  asked[name] = mine;
  if (name === "search") document.body.classList.add("waiting");
  lanes[name].ask(address, (got) => {
    mine.answer = got;
    if (asked[name] === mine) done(got);
  }, (error) => {
    if (asked[name] === mine) failed(error, mine);
    // It is asked anew with the next change, whatever that is.
    if (asked[name] === mine) asked[name] = { ...mine, address: "" };
  });
}

function answered(got) {
  clearTimeout(late);
  document.body.classList.remove("waiting");
  if (got.total === 0 && answer?.total && isTyping()) {
    document.body.classList.add("stale");
    late = setTimeout(() => shown(got), REST);
  } else shown(got);
}

function shown(got) {
  answer = got;
  pending = null;
  document.body.classList.remove("stale");
  trouble(at("trouble"), null);
  learnRoles(got);
  if (isStart(app.state)) {
    startView(got);
    return askStats();
  }
  const since = performance.now();
  parts.facets.show(got);
  askClosed();
  chosen();
  bar(got);
  remarks(app, at("notes"), got);
  if (app.state.view === "pairs") fill(at("hits"));
  else hitList(app, at("hits"), got);
  // For tests/browser/speed.js.
  performance.clearMeasures();
  performance.measure("answer", { start: asked.search.since });
  performance.measure("drawing", { start: since });
  say(got.total === 0 ? "No article" : `${many(got.total, "article")}${got.stories !== got.total ? `, ${many(got.stories, "story", "stories")}` : ""}`);
}

// Every hit lists the roles that there are, those of somebody's own tables too.
function learnRoles(got) {
  const hit = got.hits[0];
  if (!hit) return;
  const found = Object.keys(hit.facets).filter((f) => !NAME_FIELDS.includes(f) && !ORIGIN_FIELDS.includes(f));
  if (found.every((f) => app.roles.includes(f))) return;
  app.roles = [...new Set([...app.roles, ...found])];
  update();
}

// A query half typed is often none, and half a word finds nothing: that is said only once typing rests.
const isTyping = () => performance.now() - lastTyped < SETTLED && document.activeElement === at("q");
let late = 0;
let pending = null;

function failed(error, mine) {
  document.body.classList.remove("waiting");
  document.body.classList.add("stale");
  pending = { error, q: app.state.q, mine };
  clearTimeout(late);
  late = setTimeout(troubleNow, isTyping() && error.status === 400 ? REST : 0);
}

function troubleNow() {
  if (!pending || pending.q.trim() !== app.state.q.trim() || !document.body.classList.contains("stale")) return;
  trouble(at("trouble"), pending.error, pending.q);
  if (!answer) fill(at("hits"), language());
}

// What stands above the hits

function current() {
  const { state } = app;
  const { rows, columns } = ofPairs(state);
  const which = state.article || isStart(state) ? "" : state.view !== "pairs" ? "list" : rows === "accuser" && columns === "accused" ? "accusers" : rows === "broker" && columns === "party" ? "brokers" : "";
  const targets = { list: { view: "list", why: [] }, accusers: { view: "pairs", rows: "accuser", columns: "accused", as: "", why: [], offset: 0 }, brokers: { view: "pairs", rows: "broker", columns: "party", as: "", why: [], offset: 0 } };
  for (const [name, patch] of Object.entries(targets)) {
    const link = at(`to-${name}`);
    link.setAttribute("href", app.address(patch));
    if (name === which) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function title() {
  const { state } = app;
  const parts = [state.q.trim(), ...state.f.map((f) => f.replace("!=", " not ").replace("=", ": ")), [state.from, state.to].filter(Boolean).join(" to ")].filter(Boolean);
  document.title = parts.length ? `${parts.join(" · ")} · Dateline` : "Dateline";
}

function chip(text, remove, content, extra = "") {
  return h("li", { class: `chip ${extra}` }, content, h("button", { type: "button", "aria-label": `Remove ${text}`, data: { key: `chip:${text}` }, onclick: remove }, "×"));
}

function chosen() {
  const { state } = app;
  const chips = state.f.map((f) => {
    const { role, not, name, value } = spoken(f);
    const plays = app.isRole(role);
    const words = value === "none" && role === "published" ? "undated" : `${not ? "not " : ""}${name} ${value}`;
    const content = words === "undated" ? h("span", {}, words) : h("span", {}, plays && h("i", { class: `glyph ${family(role)}`, "aria-hidden": "true" }, shape(role)), ` ${not ? "not " : ""}${name} `, h("b", {}, value));
    return chip(words, () => app.go({ f: state.f.filter((g) => g !== f), offset: 0 }, { push: true }), content, not ? "not" : "");
  });
  if (state.from || state.to) {
    const words = state.from === state.to ? date(state.from) : `${state.from ? date(state.from, true) : "the beginning"} to ${state.to ? date(state.to, true) : "the end"}`;
    chips.push(chip(words, () => app.go({ from: "", to: "", zoom: false, offset: 0 }, { push: true }), h("b", {}, words)));
  }
  const all = chips.length > 1 && h("li", {}, h("a", { href: app.address({ f: [], from: "", to: "", zoom: false, offset: 0 }), "data-go": true, class: "clear-all" }, "Clear all"));
  fill(at("chosen"), chips.length > 0 && h("ul", { "aria-label": "Chosen" }, chips, all));
}

function option(name, text, hint) {
  return h("label", { class: "check" }, h("input", { type: "checkbox", checked: app.state[name], data: { key: `option:${name}` }, onchange: (e) => app.go({ [name]: e.target.checked, offset: 0 }, { push: true }) }), h("span", {}, text, h("small", {}, hint)));
}

function menu(text, ...items) {
  const open = document.querySelector(`#bar details[data-menu="${text}"]`)?.open ?? false;
  return h("details", { class: "menu", open, data: { menu: text } }, h("summary", { data: { key: `menu:${text}` } }, text), h("div", { class: "sheet" }, items));
}

function bar(got) {
  const { state } = app;
  const copies = got.total - got.stories;
  const count = h("p", { class: "count" }, h("b", {}, number(got.total)), ` ${got.total === 1 ? "article" : "articles"}`, copies > 0 && `, ${many(got.stories, "story", "stories")}`, h("span", { class: "took" }, ` in ${got.took_ms < 10 ? got.took_ms.toFixed(1) : Math.round(got.took_ms)} ms`));
  const orders = [["", state.q.trim() ? "Relevance" : "Newest"], ...(state.q.trim() ? [["newest", "Newest"]] : []), ["oldest", "Oldest"]];
  const sort = h("label", { class: "sort" }, h("span", { class: "unseen" }, "Order"), h("select", { data: { key: "sort" }, onchange: (e) => app.go({ sort: e.target.value, offset: 0 }, { push: true }) }, orders.map(([value, text]) => h("option", { value, selected: state.sort === value }, text))));
  const options = menu("Options", option("any", "Any of the words", "instead of all of them"), option("plain", "Words only", "nothing in the query is an operator"), option("all", "Every copy", "not the earliest of a story alone"), option("expand", "Widen", "let the words of the best hits join the query"));
  const download = menu("Download", downloads(selection(state)).map(([text, href]) => h("a", { href, download: "" }, text)));
  const share = h("button", { type: "button", class: "plain", data: { key: "share" }, onclick: copyLink }, "Copy link");
  const filters = h("button", { type: "button", class: "plain open-facets", data: { key: "facets" }, onclick: () => app.drawer(true) }, "Facets", state.f.length > 0 && ` (${state.f.length})`);
  fill(at("bar"), count, h("div", { class: "bar-tools" }, filters, state.view !== "pairs" && sort, options, download, share));
}

async function copyLink(event) {
  const button = event.currentTarget;
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = "Copied";
    say("The link is copied");
  } catch {
    prompt("The address of this page", location.href);
  }
  setTimeout(() => { button.textContent = "Copy link"; }, 1500);
}

// The start

let statsAsked = false;
async function askStats() {
  if (statsAsked) return;
  statsAsked = true;
  try {
    stats = await get("stats");
    if (isStart(app.state)) startView(answer);
  } catch {
    // The start says less without it.
  }
}

function startView(got) {
  const top = (field, n) => (got.facets[field] ?? []).slice(0, n);
  const column = (title, field, text) => top(field, 6).length > 0 && h("section", {}, h("h2", {}, app.isRole(field) && h("i", { class: `glyph ${family(field)}`, "aria-hidden": "true" }, shape(field)), title), h("ol", {}, top(field, 6).map((v) => h("li", {}, h("a", { href: app.address({ f: [`${field}=${v.value}`] }), "data-go": true, title: `${text} ${v.value}` }, v.value), h("span", { class: "count" }, number(v.count))))));
  const span = stats && [stats.first, stats.last].filter(Boolean).map((d) => date(d)).join(" to ");
  fill(at("start"),
    h("p", { class: "holdings" }, h("b", {}, number(got.total)), " articles", span && `, ${span}`, ". ", h("a", { href: app.address({ view: "list" }), "data-go": true, data: { key: "browse" } }, "Leaf through all of them")),
    at("timeline"),
    h("div", { class: "columns" }, column("Brokers", "broker", "Articles in which a broker is"), column("Accusers", "accuser", "Articles in which an accuser is"), column("Accused", "accused", "Articles in which accused is"), column("Countries", "country", "Articles about")),
    h("section", { class: "tries" }, h("h2", {}, "Ways to ask"), h("ul", {}, examples(top).map(([q, text]) => h("li", {}, h("a", { href: app.fresh({ q }), "data-go": true }, h("code", {}, q)), h("span", {}, text))))));
  if (got.total === 0) fill(at("start"), h("p", { class: "holdings" }, "This index holds no articles yet. ", h("code", {}, "dateline index PATH"), " fills it."));
  say(`${many(got.total, "article")} to search`);
}

// Examples name what this index holds, so that none leads nowhere.
function examples(top) {
  const name = (field) => { const v = top(field, 1)[0]?.value; return v && (/[^\w-]/.test(v) ? `"${v}"` : v); };
  const [broker, accuser] = [name("broker"), name("accuser")];
  const year = stats?.last?.slice(0, 4);
  return [
    broker && [`broker:${broker}`, "who brokered, and in which words"],
    broker && [`broker.any:${broker}`, "offers, refusals and history as well"],
    accuser && [`event{accuser:${accuser} accused:*}`, "both roles in one and the same event"],
    broker && accuser && [`broker:${broker} OR accuser:${accuser}`, "the one or the other"],
    year && [`${Number(year) - 3}..${year}`, "a time, as precise as you like"],
  ].filter(Boolean);
}

// Keys

function listKey(event) {
  const heads = [...document.querySelectorAll("#hits .headline, #start a")];
  const here = heads.indexOf(document.activeElement);
  if (heads.length === 0) return false;
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!step || (here < 0 && document.activeElement !== document.body && document.activeElement !== at("main"))) return false;
  if (here === 0 && step < 0) parts.box.focus();
  else {
    const next = heads[here < 0 ? 0 : Math.min(heads.length - 1, here + step)];
    next.focus({ preventScroll: true });
    next.closest("li").scrollIntoView({ block: "nearest" });
  }
  return true;
}

function escape() {
  const { state } = app;
  if (document.querySelector("dialog:modal")) return false;
  const open = document.querySelector(".menu[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); } else if (document.body.classList.contains("drawer")) { app.drawer(false); document.querySelector(".open-facets")?.focus(); } else if (state.article) app.back();
  else if (state.why.length) app.why([]);
  else return false;
  return true;
}

function articleKey(event) {
  const [before, after] = app.neighbours();
  const to = { j: after, k: before, ArrowRight: after, ArrowLeft: before }[event.key];
  if (!app.state.article || !to) return false;
  app.go({ article: to.id, at: 0 });
  return true;
}

const KEYS = {
  "/": () => parts.box.focus(),
  "?": helping,
  f: () => (matchMedia("(min-width: 900px)").matches ? parts.facets.focus() : app.drawer(true)),
  t: () => parts.timeline.focus(),
  l: () => app.visit(at("to-list").getAttribute("href")),
  a: () => app.visit(at("to-accusers").getAttribute("href")),
  b: () => app.visit(at("to-brokers").getAttribute("href")),
};

function key(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const writing = event.target.closest("input[type=text], select, textarea");
  if (writing && event.key !== "Escape") return;
  let done = event.key === "Escape" ? escape() : articleKey(event) || listKey(event);
  if (!done && KEYS[event.key] && !document.querySelector("dialog:modal")) {
    KEYS[event.key]();
    done = true;
  }
  if (done) event.preventDefault();
}

function helping() {
  const dialog = at("helping");
  fill(dialog, helpText(() => dialog.close()));
  dialog.showModal();
}

// Theme

const THEMES = { "": "as the system has them", light: "light", dark: "dark" };

function theme(step) {
  const order = Object.keys(THEMES);
  const root = document.documentElement;
  let now = root.dataset.theme ?? "";
  if (step) {
    now = order[(order.indexOf(now) + 1) % order.length];
    if (now) root.dataset.theme = now;
    else delete root.dataset.theme;
    try { localStorage.setItem("theme", now); } catch { /* not kept, then */ }
    say(`Colours: ${THEMES[now]}`);
  }
  at("theme").setAttribute("aria-label", `Colours: ${THEMES[now]}`);
  at("theme").title = `Colours: ${THEMES[now]}`;
}

const say = (text) => { if (at("said").textContent !== text) at("said").textContent = text; };

// Links of the page change its state and load nothing, unless a new tab is asked for.
function click(event) {
  const link = event.target.closest?.("a[data-go]");
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const paged = link.rel === "next" || link.rel === "prev";
  app.visit(link.getAttribute("href"));
  if (paged) { scrollTo(0, 0); at("main").focus({ preventScroll: true }); }
}

function popped() {
  const { article: was, offset } = app.state;
  app.state = read();
  lastTyped = -Infinity;
  half = false;
  app.drawer(false);
  update();
  if (offset !== app.state.offset) scrollTo(0, 0);
  if (was && !app.state.article) {
    scrollTo(0, lastList);
    [...document.querySelectorAll("#hits .headline")].find((e) => e.dataset.hit === was)?.focus({ preventScroll: true });
  }
}

function begin() {
  parts = {
    box: searchBox(app),
    facets: facetPanel(app, at("facets")),
    timeline: timeline(app, at("timeline")),
    reader: reader(app, at("article")),
    evidence: evidencePanel(app, at("evidence")),
  };
  history.scrollRestoration = "manual";
  addEventListener("popstate", popped);
  addEventListener("keydown", key);
  addEventListener("click", click);
  matchMedia("(min-width: 1200px)").addEventListener("change", () => parts.evidence.show());
  at("theme").addEventListener("click", () => theme(true));
  at("help").addEventListener("click", helping);
  theme(false);
  update();
  if (isStart(app.state)) at("q").focus();
}

begin();
