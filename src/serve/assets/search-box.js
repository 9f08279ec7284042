// The search box: suggestions while one types, and the answer with every key.

import { at, h, fill } from "./dom.js";
import { lane } from "./api.js";
import { query } from "./state.js";
import { family, shape, label, number, help } from "./words.js";

const SHOWN = 8;

// The part of the query that is being typed: `broker:"United St`, `Rus`, without a sign before it.
export function typing(text, caret) {
  const before = text.slice(0, caret);
  const token = /(?:[\w.]+[:=]\(?)?(?:"[^"]*|[^\s(){}"]*)$/.exec(before)[0];
  const start = caret - token.length;
  const sign = /^[-+]/.exec(token)?.[0].length ?? 0;
  const behind = /^[^\s(){}"]*/.exec(text.slice(caret))[0];
  return { start: start + sign, end: caret + behind.length, token: token.slice(sign) };
}

export function searchBox(app) {
  const input = at("q");
  const list = at("suggestions");
  const clear = at("clear");
  const suggest = lane();
  let options = [];
  let active = -1;
  let quiet = 0;

  function open(found) {
    options = found.slice(0, SHOWN);
    active = -1;
    list.replaceChildren(...options.map(row));
    const shown = options.length > 0;
    list.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    input.removeAttribute("aria-activedescendant");
  }

  const close = () => {
    suggest.forget();
    open([]);
  };

  function row(option, i) {
    const role = app.isRole(option.field);
    const kind = option.kind === "field" ? help(option.field) || "field" : label(option.field);
    return h("li", { id: `s${i}`, role: "option", "aria-selected": "false", onpointerdown: (e) => { e.preventDefault(); take(i); } },
      h("span", { class: `glyph ${role ? family(option.field) : ""}`, "aria-hidden": "true" }, role ? shape(option.field) : option.kind === "field" ? "·" : ""),
      h("span", { class: "what" }, option.kind === "field" ? option.insert : option.label),
      h("span", { class: "kind" }, kind),
      h("span", { class: "count" }, option.count ? number(option.count) : ""));
  }

  function point(to) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = to;
    const now = list.children[active];
    now?.setAttribute("aria-selected", "true");
    now?.scrollIntoView({ block: "nearest" });
    if (now) input.setAttribute("aria-activedescendant", now.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function take(i) {
    const option = options[i];
    const { start, end } = typing(input.value, input.selectionStart);
    const space = option.kind === "field" ? "" : " ";
    const rest = input.value.slice(end).replace(/^ /, "");
    input.value = input.value.slice(0, start) + option.insert + space + rest;
    const caret = start + option.insert.length + space.length;
    input.setSelectionRange(caret, caret);
    input.focus();
    if (option.kind === "field") return typed();
    close();
    app.go({ q: input.value, offset: 0, article: "" }, { push: true });
  }

  function typed() {
    clear.hidden = input.value === "";
    app.typed(input.value);
    const { token } = typing(input.value, input.selectionStart);
    if (token.length === 0 || /^(AND|OR|NOT)$/.test(token) || app.state.plain) return close();
    // The answer goes first; what to write next is worth a moment less.
    clearTimeout(quiet);
    quiet = setTimeout(() => suggest.ask("suggest" + query({ prefix: token, limit: SHOWN }), (answer) => {
      if (document.activeElement === input) open(answer.suggestions.filter((o) => o.insert !== token));
    }, close), 40);
  }

  function key(event) {
    const shown = !list.hidden;
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && shown) point((active + 1) % options.length);
    else if (event.key === "ArrowUp" && shown) point(active <= 0 ? options.length - 1 : active - 1);
    else if (event.key === "ArrowDown") { if (!app.firstHit()) return; }
    else if (event.key === "Enter" && active >= 0) take(active);
    else if (event.key === "Tab" && active >= 0 && !event.shiftKey) take(active);
    else if (event.key === "Escape" && shown) close();
    else if (event.key === "Escape") input.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  input.addEventListener("input", typed);
  input.addEventListener("keydown", key);
  input.addEventListener("blur", () => { clearTimeout(quiet); close(); });
  at("search").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(quiet);
    close();
    app.entered(input.value);
  });
  clear.addEventListener("click", () => { input.value = ""; typed(); input.focus(); });

  return {
    show(text) {
      clear.hidden = text === "";
      if (input.value !== text && input.value.trim() !== text.trim()) input.value = text;
    },
    focus() { input.focus(); input.select(); },
  };
}

// An error of a query: the query as it was typed, with the place under it.
export function trouble(element, error, text) {
  if (!error) return fill(element);
  const place = typeof error.position === "number" && text
    ? [...new TextDecoder().decode(new TextEncoder().encode(text).slice(0, error.position))].length
    : -1;
  const where = place >= 0 && h("pre", { class: "place", "aria-label": `at character ${place + 1}` }, `${text}\n${" ".repeat(place)}^`);
  fill(element, h("div", { class: "trouble-inner" }, h("p", {}, error.message), where));
}
