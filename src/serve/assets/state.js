// What the page shows is a function of its address alone: read it, write it, and make addresses of the API from it.

const LISTS = ["f", "why", "open", "more", "hide"];
const FLAGS = ["any", "plain", "all", "expand", "zoom"];
const TEXTS = ["q", "from", "to", "sort", "view", "rows", "columns", "as", "article"];
const NUMBERS = ["offset", "at"];

export function read(search = location.search) {
  const given = new URLSearchParams(search);
  const state = {};
  for (const name of TEXTS) state[name] = given.get(name) ?? "";
  for (const name of LISTS) state[name] = given.getAll(name);
  for (const name of FLAGS) state[name] = given.get(name) === "true";
  for (const name of NUMBERS) state[name] = Math.max(0, Number.parseInt(given.get(name) ?? "0", 10) || 0);
  return state;
}

// Addresses are read by people: what may stand unescaped in a query string does.
const escape = (text) => encodeURIComponent(text.toWellFormed?.() ?? text).replace(/%20/g, "+").replace(/%(3D|3A|2C|2F|7B|7D|28|29|3B|40)/g, (m) => decodeURIComponent(m).replace(/[{}]/, () => m));

export function query(parameters) {
  const parts = [];
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === "" || one === false || one === undefined || one === null) continue;
      parts.push(`${name}=${escape(String(one))}`);
    }
  }
  return parts.length ? "?" + parts.join("&") : "";
}

export function write(state) {
  const ordered = {};
  for (const name of [...TEXTS, ...LISTS, ...FLAGS]) ordered[name] = state[name];
  for (const name of NUMBERS) ordered[name] = state[name] || "";
  return "/" + query(ordered);
}

// What selects articles.
export function selection(state, without = []) {
  const chosen = { q: state.q.trim(), f: state.f, from: state.from, to: state.to, any: state.any, plain: state.plain };
  for (const name of without) delete chosen[name];
  return chosen;
}

// A filter `broker=Russia` or `broker!=Russia` in its parts.
export function filter(text) {
  const found = /^([^=!]+)(!?=)([\s\S]*)$/.exec(text);
  return found ? { field: found[1], not: found[2] === "!=", value: found[3] } : { field: text, not: false, value: "" };
}

// Chooses a value, or no longer; the same value is never chosen and excluded at once.
export function toggled(filters, field, value, not) {
  const wanted = `${field}${not ? "!=" : "="}${value}`;
  const others = filters.filter((f) => f !== `${field}=${value}` && f !== `${field}!=${value}`);
  return filters.includes(wanted) ? others : [...others, wanted];
}
