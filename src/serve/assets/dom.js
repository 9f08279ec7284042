// Making elements. Everything that comes from articles enters as text nodes; there is no way here to set markup.

const SVG = "http://www.w3.org/2000/svg";

function set(element, properties) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    element.append(child);
  }
  return element;
}

export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  set(element, properties);
  return add(element, children);
}

export function s(tag, properties, ...children) {
  const element = document.createElementNS(SVG, tag);
  set(element, properties);
  return add(element, children);
}

export const at = (id) => document.getElementById(id);

// Replaces what an element holds, and keeps the focus on what has the same key.
export function fill(element, ...children) {
  const active = document.activeElement;
  const key = element.contains(active) ? active.dataset.key : undefined;
  const caret = key && active.tagName === "INPUT" && active.type === "text" ? active.selectionStart : null;
  element.replaceChildren();
  add(element, children);
  if (key === undefined) return;
  const again = [...element.querySelectorAll("[data-key]")].find((e) => e.dataset.key === key);
  again?.focus({ preventScroll: true });
  if (again && caret !== null) again.setSelectionRange(caret, caret);
}

// Offsets of answers count UTF-8 bytes, strings count UTF-16 units.
export function places(text) {
  // eslint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return (byte) => Math.min(byte, text.length);
  const table = [];
  for (let i = 0; i < text.length; ) {
    const code = text.codePointAt(i);
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (let b = 0; b < bytes; b++) table.push(i);
    i += code > 0xffff ? 2 : 1;
  }
  return (byte) => table[byte] ?? text.length;
}

export function byteLength(text) {
  return new TextEncoder().encode(text).length;
}

// A text with spans of bytes given to `wrap`; spans that overlap an earlier one are left out.
export function spans(text, list, wrap) {
  const place = places(text);
  const out = [];
  let done = 0;
  for (const span of [...list].sort((a, b) => a.start - b.start)) {
    const start = place(span.start);
    const end = place(span.end);
    if (start < done || end <= start) continue;
    out.push(text.slice(done, start), wrap(text.slice(start, end), span));
    done = end;
  }
  out.push(text.slice(done));
  return out;
}

// Only addresses of the web become links.
export function webAddress(url) {
  try {
    const parsed = new URL(url);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : null;
  } catch {
    return null;
  }
}
