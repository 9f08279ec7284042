// The sentences behind a value of a facet, or behind a pair of names.

import { h, fill, spans, byteLength } from "./dom.js";
import { lane } from "./api.js";
import { query, selection, filter } from "./state.js";
import { dateline } from "./hits.js";
import { isRole, base, family, shape, label, date, many, pair } from "./words.js";

const SHOWN = 50;

export function quoted(value) {
  return `"${value.replaceAll('"', "")}"`;
}

// What asks for the events of a pair: in one event, unless the query is words alone and can hold no such thing.
export function pairSelection(state, parts) {
  const chosen = selection(state);
  if (state.plain) return { ...chosen, f: [...state.f, ...parts.map((p) => `${p.field}=${p.value}`)] };
  const inside = parts.map((p) => `${p.field}:${quoted(p.value)}`).join(" ");
  const q = state.any && chosen.q ? `(${chosen.q.split(/\s+/).join(" OR ")})` : chosen.q ? `(${chosen.q})` : "";
  return { ...chosen, any: false, q: `${q} event{${inside}}`.trim() };
}

// The sentence of an event, with those in its roles marked.
export function sentence(event) {
  const [start, end] = event.sentence;
  // Line breaks were joined: where that moved anything, the sentence stands without marks.
  const same = byteLength(event.text) === end - start;
  const marks = same ? event.role_spans.map((r) => ({ start: r.start - start, end: r.end - start, role: r.role })) : [];
  return h("blockquote", {}, spans(event.text, joined(marks), (piece, { roles }) => marked(piece, roles)));
}

// One name may play several roles in one event.
function joined(marks) {
  const by = new Map();
  for (const mark of marks) {
    const key = `${mark.start}:${mark.end}`;
    if (!by.has(key)) by.set(key, { ...mark, roles: [] });
    if (!by.get(key).roles.includes(mark.role)) by.get(key).roles.push(mark.role);
  }
  return [...by.values()];
}

export function marked(piece, roles) {
  return h("span", { class: `played ${family(roles[0])}` }, piece, h("small", {}, roles.map((role) => `${shape(role)}\u00a0${label(role).toLowerCase()}`).join(" ")));
}

// What is not plain fact is said: status, history, who says so.
export function states(event) {
  const tags = [];
  if (event.status !== "asserted") tags.push(h("span", { class: "tag strong" }, event.status));
  if (event.background) tags.push(h("span", { class: "tag" }, "background"));
  if (event.attributed_to) tags.push(h("span", { class: "tag" }, `according to ${event.attributed_to}`));
  if (event.date) tags.push(h("span", { class: "tag", title: "when it happened, by the sentence" }, `happened ${date(event.date, true)}`));
  return tags;
}

export function rule(item) {
  return item.rule && h("span", { class: "rule", title: "the rule that fired, and its confidence" }, item.rule, item.confidence !== undefined && ` ${item.confidence}`);
}

export function evidencePanel(app, dialog) {
  const asking = lane();
  let shown = "";

  function eventCard(event) {
    return h("li", {}, dateline(event), sentence(event), h("p", { class: "under" }, states(event), rule(event),
      h("a", { href: app.address({ article: event.id, at: event.sentence[0] + 1 }), "data-go": true, class: "open", data: { key: `open:${event.id}:${event.sentence[0]}:${event.rule}` } }, "Open the article")));
  }

  function plainCard(item, value) {
    const found = item.sentence.indexOf(value);
    const text = found < 0 ? [item.sentence] : [item.sentence.slice(0, found), h("mark", {}, value), item.sentence.slice(found + value.length)];
    return h("li", {}, dateline(item), h("blockquote", {}, text), h("p", { class: "under" }, rule(item), h("a", { href: app.address({ article: item.id }), "data-go": true, class: "open", data: { key: `open:${item.id}` } }, "Open the article")));
  }

  function head(parts) {
    const known = parts.length === 2 && pair(parts[0].field, parts[1].field);
    const name = (p) => h("span", { class: isRole(p.field, app.roles) ? `who ${family(p.field)}` : "who" }, isRole(p.field, app.roles) && h("i", { "aria-hidden": "true" }, shape(p.field) + " "), p.value);
    const title = known ? [name(parts[0]), ` ${known[3]} `, name(parts[1])] : parts.map((p, i) => [i > 0 && ", ", name(p), h("span", { class: "as" }, ` as ${label(p.field).toLowerCase()}`)]);
    return h("div", { class: "panel-head" }, h("h2", { id: "evidence-title", tabindex: "-1" }, title), h("button", { type: "button", class: "close", "aria-label": "Close the evidence", onclick: () => app.why([]) }, "×"));
  }

  // All events of a role, those offered, refused or told as history too.
  function wider(parts) {
    const one = parts.length === 1 && isRole(parts[0].field, app.roles) ? parts[0] : null;
    if (!one) return null;
    const any = one.field.endsWith(".any");
    const field = any ? base(one.field) : `${base(one.field)}.any`;
    return h("label", { class: "check" }, h("input", { type: "checkbox", checked: any, data: { key: "wider" }, onchange: () => app.why([`${field}=${one.value}`], { replace: true }) }), "also offers, refusals, failures, history");
  }

  function frame(parts, ...body) {
    fill(dialog, head(parts), h("div", { class: "panel-tools" }, wider(parts), narrow(parts)), body);
  }

  function narrow(parts) {
    const patch = parts.length === 1
      ? { f: [...app.state.f.filter((f) => filter(f).field !== parts[0].field), `${parts[0].field}=${parts[0].value}`] }
      : (({ q, f, any }) => ({ q, f, any: Boolean(any) }))(pairSelection(app.state, parts));
    return h("a", { class: "step", href: app.address({ ...patch, view: "list", why: [], offset: 0 }), "data-go": true, data: { key: "narrow" } }, "Show these articles");
  }

  function ask(parts) {
    if (parts.length === 1 && !isRole(parts[0].field, app.roles)) return askFacet(parts);
    const selected = parts.length === 1 ? { ...selection(app.state), f: [...app.state.f.filter((f) => filter(f).field !== base(parts[0].field)), `${parts[0].field}=${parts[0].value}`] } : pairSelection(app.state, parts);
    asking.ask("events" + query({ ...selected, limit: SHOWN }), (answer) => {
      // Words alone select articles in which both stand; of these only what is told of both.
      const both = app.state.plain ? answer.events.filter((e) => parts.every((p) => e.roles[base(p.field)]?.includes(p.value))) : answer.events;
      const list = both.length ? both : answer.events;
      const rest = answer.total > answer.events.length && h("p", { class: "fine" }, `the first ${SHOWN} of ${many(answer.total, "sentence")}; the download has all`);
      frame(parts, list.length ? h("ul", { class: "sentences" }, list.map(eventCard)) : h("p", { class: "empty" }, "No sentence in these articles."), rest);
    }, (error) => frame(parts, h("p", { class: "empty" }, error.message)));
  }

  function askFacet(parts) {
    const [{ field, value }] = parts;
    const url = `facets/${encodeURIComponent(field)}` + query({ ...selection(app.state), prefix: value, limit: 20, evidence: true });
    asking.ask(url, (answer) => {
      const found = answer.values.find((v) => v.value === value);
      const list = found?.evidence ?? [];
      const rest = found && found.count > list.length && h("p", { class: "fine" }, `the newest ${list.length} of ${many(found.count, "article")}`);
      frame(parts, list.length ? h("ul", { class: "sentences" }, list.map((item) => plainCard(item, value))) : h("p", { class: "empty" }, "No sentence in these articles."), rest);
    }, (error) => frame(parts, h("p", { class: "empty" }, error.message)));
  }

  dialog.addEventListener("cancel", (event) => { event.preventDefault(); app.why([]); });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) app.why([]); });

  return {
    show() {
      const parts = app.state.article ? [] : app.state.why.map(filter).filter((p) => p.value);
      if (parts.length === 0) {
        asking.forget();
        shown = "";
        if (dialog.open) dialog.close();
        return;
      }
      // Wide windows have room beside the answer; elsewhere it lies over it.
      const docked = matchMedia("(min-width: 1200px)").matches;
      const key = parts.map((p) => `${p.field}=${p.value}`).join("|");
      if (dialog.open && dialog.classList.contains("docked") !== docked) dialog.close();
      if (!dialog.open) {
        frame(parts, h("p", { class: "fine" }, "…"));
        dialog.classList.toggle("docked", docked);
        if (docked) dialog.show();
        else dialog.showModal();
      }
      if (shown !== key) {
        frame(parts, h("p", { class: "fine" }, "…"));
        dialog.querySelector("h2").focus({ preventScroll: true });
      }
      shown = key;
      ask(parts);
    },
  };
}
