// The facets beside the answer: counts, several values at once, exclusion, search inside a facet, evidence.

import { h, fill } from "./dom.js";
import { lane } from "./api.js";
import { query, selection, filter, toggled } from "./state.js";
import { NAME_FIELDS, ORIGIN_FIELDS, rolesInOrder, family, shape, label, help, number, many, base, isRole } from "./words.js";

const OPEN = ["broker", "accuser", "accused", "country", "person"];
const SHORT = 8;
const LONG = 60;

export const isOpen = (state, field) => {
  const changed = state.open.includes(field);
  return OPEN.includes(field) ? !changed : changed;
};

export const fields = (roles) => [...rolesInOrder(roles), ...NAME_FIELDS, ...ORIGIN_FIELDS];

// Open facets come with the answer. The closed ones are counted after it, for their first value alone, so that an empty
// one is not offered: nobody waits for them.
export const wanted = (state, roles) => fields(roles).filter((f) => isOpen(state, f)).map((f) => `${f}:${SHORT}`).join(",");
export const later = (state, roles) => fields(roles).filter((f) => !isOpen(state, f)).map((f) => `${f}:1`).join(",");

export function facetPanel(app, element) {
  const lanes = {};
  const finds = {};
  let last = { facets: {} };
  let closed = {};

  function chosen(field) {
    return app.state.f.map(filter).filter((f) => f.field === field);
  }

  function toggle(field, value, not) {
    app.go({ f: toggled(app.state.f, field, value, not), offset: 0 }, { push: true });
  }

  function row(field, { value, count }, most) {
    const on = app.state.f.includes(`${field}=${value}`);
    const out = app.state.f.includes(`${field}!=${value}`);
    const as = isRole(field, app.roles) || NAME_FIELDS.includes(field);
    const bar = h("span", { class: "meter", "aria-hidden": "true" });
    bar.style.width = `${Math.max(2, (100 * count) / most)}%`;
    const name = `${field}=${value}`;
    return h("li", { class: `value${on ? " on" : ""}${out ? " out" : ""}`, data: { field, value } },
      h("label", {},
        h("input", { type: "checkbox", class: "tick", checked: on, data: { key: `f:${name}` }, "aria-label": `${value}, ${number(count)}${out ? ", excluded" : ""}`, onchange: () => toggle(field, value, false) }),
        h("span", { class: "name", title: value, "aria-hidden": "true" }, value)),
      h("span", { class: "count", "aria-hidden": "true" }, number(count)),
      h("button", { type: "button", class: "not", data: { key: `n:${name}` }, "aria-pressed": String(out), "aria-label": `Exclude ${value} as ${label(field)}`, title: out ? "No longer exclude" : "Exclude", onclick: () => toggle(field, value, true) }, "−"),
      as && h("button", { type: "button", class: "because", data: { key: `e:${name}` }, "aria-label": `Sentences: ${value} as ${label(field)}`, title: "The sentences behind it", onclick: () => app.why([name]) }, "”"),
      bar);
  }

  function values(field, counted) {
    // What is chosen stays in sight, also when it is not among the first.
    const listed = [...counted];
    for (const f of chosen(field)) {
      if (f.value && !listed.some((v) => v.value === f.value)) listed.push({ value: f.value, count: 0 });
    }
    const most = Math.max(1, ...listed.map((v) => v.count));
    return listed.map((value) => row(field, value, most));
  }

  function find(field, list) {
    lanes[field] ??= lane();
    const text = finds[field] ?? "";
    const url = `facets/${encodeURIComponent(field)}` + query({ ...selection(app.state), prefix: text, limit: LONG });
    lanes[field].ask(url, (answer) => {
      const none = h("li", { class: "none" }, text ? `nothing begins with “${text}”` : "no value");
      const rest = answer.distinct > answer.values.length && h("li", { class: "none" }, `${number(answer.distinct - answer.values.length)} more: type to find them`);
      fill(list, answer.values.length ? values(field, answer.values) : none, rest);
    }, (error) => fill(list, h("li", { class: "none" }, error.message)));
  }

  function finder(field, list) {
    return h("input", { type: "text", class: "find", value: finds[field] ?? "", placeholder: `Find in ${label(field).toLowerCase()}`, "aria-label": `Find in ${label(field)}`, spellcheck: "false", autocomplete: "off", data: { key: `find:${field}` },
      oninput: (e) => { finds[field] = e.target.value; find(field, list); },
      onkeydown: (e) => { if (e.key === "Escape") { e.stopPropagation(); finds[field] = ""; flip("more", field); } } });
  }

  function flip(which, field) {
    const now = app.state[which];
    const on = !now.includes(field);
    if (which === "more" && !on) delete finds[field];
    app.go({ [which]: on ? [...now, field] : now.filter((f) => f !== field) }, { push: false });
    if (which === "more" && on) element.querySelector(`[data-key="find:${CSS.escape(field)}"]`)?.focus();
  }

  function facet(field, counted) {
    const open = isOpen(app.state, field);
    const picked = chosen(field).length;
    if (counted.length === 0 && picked === 0) return null;
    const role = isRole(field, app.roles);
    const wide = app.state.more.includes(field);
    const body = h("ul", { class: wide ? "values long" : "values", id: `facet-${field}` });
    if (open && wide) {
      fill(body, values(field, counted));
      find(field, body);
    } else if (open) fill(body, values(field, counted));
    const more = open && (wide || counted.length >= SHORT);
    return h("section", { class: `facet ${open ? "open" : ""}`, data: { facet: field } },
      h("h3", {}, h("button", { type: "button", "aria-expanded": String(open), "aria-controls": open ? `facet-${field}` : null, title: help(field), data: { key: `o:${field}` }, onclick: () => flip("open", field) },
        h("span", { class: `glyph ${role ? family(field) : ""}`, "aria-hidden": "true" }, role ? shape(field) : ""),
        h("span", { class: "title" }, label(field)),
        picked > 0 && h("span", { class: "picked" }, `${picked} chosen`),
        !open && !picked && h("span", { class: "hint", "aria-hidden": "true" }, counted[0]?.value))),
      open && wide && finder(field, body),
      open && body,
      more && h("button", { type: "button", class: "more", data: { key: `m:${field}` }, "aria-expanded": String(wide), onclick: () => flip("more", field) }, wide ? "Fewer" : "Find or see more"));
  }

  function group(title, list) {
    const shown = list.map((field) => facet(field, last.facets[field] ?? closed[field] ?? [])).filter(Boolean);
    return shown.length > 0 && h("div", { class: "group" }, h("h2", {}, title), shown);
  }

  function move(event) {
    const here = event.target;
    const value = here.closest?.(".value");
    if (here.classList.contains("find") && event.key !== "ArrowDown") return;
    if (value && (event.key === "x" || event.key === "Delete")) value.querySelector(".not").click();
    else if (value && (event.key === "e" || event.key === "Enter") && here.type === "checkbox") value.querySelector(".because")?.click();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const stops = [...element.querySelectorAll("h3 button, .find, .tick, .more")];
      const at = stops.indexOf(here.closest("h3 button, .find, .more") ?? value?.querySelector(".tick"));
      stops[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
    } else return;
    event.preventDefault();
  }

  element.addEventListener("keydown", move);

  const panel = {
    show(answer) {
      last = answer;
      const roles = rolesInOrder(app.roles);
      fill(element,
        h("button", { type: "button", class: "close-facets", onclick: () => app.drawer(false) }, last.total === undefined ? "Show the articles" : `Show ${many(last.total, "article")}`),
        group("By role", roles), group("By name", NAME_FIELDS), group("By origin", ORIGIN_FIELDS));
    },
    showClosed(answer) {
      closed = answer.facets;
      panel.show(last);
    },
    focus() { element.querySelector("h3 button")?.focus(); },
  };
  return panel;
}

// A filter in words, for the row of what is chosen.
export function spoken(text) {
  const { field, not, value } = filter(text);
  return { role: base(field), not, name: label(field), value };
}
