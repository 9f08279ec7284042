// Articles over time, as bars on which a period is brushed. The whole time stays in sight while a part is chosen.

import { h, s, fill } from "./dom.js";
import { query, selection } from "./state.js";
import { date, many, number } from "./words.js";

const PIXELS_A_BAR = 3.6;
const DAYS_AS_BARS = 400;
const DAY = 86_400_000;

const months = (iso) => {
  const [year, month] = iso.split("-").map(Number);
  return year * 12 + ((month || 1) - 1);
};
const days = (iso) => Math.round(Date.parse(`${iso.length === 4 ? iso + "-01-01" : iso.length === 7 ? iso + "-01" : iso}T00:00:00Z`) / DAY);
const pad = (n, width = 2) => String(n).padStart(width, "0");

// How a bar's place and a date become each other, at each width of bar.
const SCALES = {
  year: { index: (iso) => +iso.slice(0, 4), date: (i) => pad(i, 4) },
  month: { index: months, date: (i) => `${pad(Math.floor(i / 12), 4)}-${pad((i % 12) + 1)}` },
  day: { index: days, date: (i) => new Date(i * DAY).toISOString().slice(0, 10) },
};

// The last bar that a date as precise as `2020` or `2020-10` reaches into.
function last(by, iso) {
  if (by === "year" || iso.length === 10) return SCALES[by].index(iso);
  if (by === "month") return iso.length === 4 ? months(iso) + 11 : months(iso);
  const [year, month] = iso.split("-").map(Number);
  return days(new Date(Date.UTC(month ? year : year + 1, month ? month : 0, 1)).toISOString().slice(0, 10)) - 1;
}

export function address(state) {
  const bounded = state.zoom && (state.from || state.to);
  const chosen = selection(state, bounded ? [] : ["from", "to"]);
  return "timeline" + query({ ...chosen, by: bounded && days(state.to || "2999") - days(state.from || "0001") < DAYS_AS_BARS ? "day" : "month" });
}

// Bars without gaps; what is dated less precisely than a bar is kept apart, for it belongs to no single one.
export function bars(answer, width) {
  const wide = answer.by === "day" ? 10 : 7;
  const exact = answer.buckets.filter((b) => b.date.length === wide);
  const vague = answer.buckets.filter((b) => b.date.length < wide);
  if (answer.buckets.length === 0) return null;
  let by = answer.by;
  const ends = answer.buckets.map((b) => [SCALES[by].index(b.date), last(by, b.date)]);
  let first = Math.min(...ends.map((e) => e[0]));
  let end = Math.max(...ends.map((e) => e[1]));
  if (by === "month" && end - first > width / PIXELS_A_BAR) {
    by = "year";
    first = Math.floor(first / 12);
    end = Math.floor(end / 12);
  }
  const counts = new Array(end - first + 1).fill(0);
  for (const b of exact) counts[SCALES[by].index(b.date) - first] += b.count;
  const loose = by === "year" ? [] : vague;
  if (by === "year") for (const b of vague) counts[SCALES[by].index(b.date) - first] += b.count;
  return { by, first, counts, vague: loose, name: (i) => SCALES[by].date(first + i) };
}

export function timeline(app, element) {
  let data = null;
  let undated = 0;
  let chosen = null;
  let drawing = null;

  const count = () => data.counts.length;

  // Where the chosen period begins and ends, in bars; within one where that is coarser than the period.
  function range() {
    const { from, to } = app.state;
    if (!from && !to) return null;
    const edge = (iso) => (data.by === "year" ? months(iso) / 12 : SCALES[data.by].index(iso)) - data.first;
    const after = (iso) => (data.by === "year" ? (last("month", iso) + 1) / 12 : last(data.by, iso) + 1) - data.first;
    const clamp = (x) => Math.min(count(), Math.max(0, x));
    const a = /^\d{4}/.test(from) ? clamp(edge(from)) : 0;
    const b = /^\d{4}/.test(to) ? clamp(after(to)) : count();
    return b <= a ? null : [a, b];
  }

  const whole = (edges) => (edges ? [Math.floor(edges[0]), Math.ceil(edges[1]) - 1] : [0, count() - 1]);
  const sum = ([a, b]) => data.counts.slice(a, b + 1).reduce((x, y) => x + y, 0);

  function words(bounds) {
    const [a, b] = bounds.map(data.name);
    return `${a === b ? date(a) : `${date(a, true)} to ${date(b, true)}`}: ${many(sum(bounds), "article")}`;
  }

  function commit(bounds) {
    const [a, b] = bounds;
    const all = a === 0 && b === count() - 1 && !app.state.zoom;
    app.go({ from: all ? "" : data.name(a), to: all ? "" : data.name(b), view: app.state.view || "list", offset: 0 }, { push: true });
  }

  // Paints what is chosen without making the bars anew: the same bars lie twice, the upper ones cut to the window.
  function paint(text = "") {
    if (!drawing) return;
    const [a, b] = chosen ?? [0, count()];
    drawing.svg.classList.toggle("brushed", a > 0 || b < count());
    for (const window of drawing.windows) {
      window.setAttribute("x", a);
      window.setAttribute("width", b - a);
    }
    drawing.handles.forEach((handle, which) => {
      const i = whole(chosen)[which];
      handle.style.left = `${(100 * (which ? b : a)) / count()}%`;
      handle.setAttribute("aria-valuenow", i);
      handle.setAttribute("aria-valuetext", date(data.name(i)));
    });
    drawing.caption.textContent = text;
  }

  function spot(event) {
    const box = drawing.svg.getBoundingClientRect();
    return Math.min(count() - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count())));
  }

  function brush(event) {
    if (event.button !== 0) return;
    const grabbed = drawing.handles.indexOf(event.target);
    const anchor = grabbed >= 0 ? whole(chosen)[1 - grabbed] : spot(event);
    let picked = null;
    const move = (e) => {
      const here = spot(e);
      picked = [Math.min(anchor, here), Math.max(anchor, here)];
      chosen = [picked[0], picked[1] + 1];
      paint(words(picked));
    };
    const done = (e) => {
      stop();
      if (e.type === "pointercancel" || !picked) { chosen = range(); return paint(); }
      commit(picked);
    };
    const stop = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", done);
      removeEventListener("pointercancel", done);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", done);
    addEventListener("pointercancel", done);
    if (grabbed < 0) move(event);
    else event.target.focus();
    event.preventDefault();
  }

  let settle = 0;
  function key(event, which) {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -12, PageUp: 12, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (event.key === "Escape" && chosen) {
      event.preventDefault();
      event.stopPropagation();
      return app.go({ from: "", to: "", zoom: false, offset: 0 }, { push: true });
    }
    if (step === undefined) return;
    event.preventDefault();
    const now = whole(chosen);
    const least = which ? now[0] : 0;
    const most = which ? count() - 1 : now[1];
    now[which] = Math.min(most, Math.max(least, now[which] + step));
    chosen = [now[0], now[1] + 1];
    paint(words(now));
    clearTimeout(settle);
    settle = setTimeout(() => commit(now), 250);
  }

  function handle(which) {
    return h("button", { type: "button", class: `handle ${which ? "to" : "from"}`, role: "slider", "aria-label": which ? "Last period" : "First period", "aria-valuemin": 0, "aria-valuemax": count() - 1, data: { key: `handle:${which}` }, onkeydown: (e) => key(e, which) });
  }

  function draw() {
    const n = count();
    const top = Math.max(1, ...data.counts);
    const rects = data.counts.map((c, i) => c > 0 && s("rect", { class: "bar", x: i + 0.06, y: 100 - Math.max(2, (100 * c) / top), width: 0.88, height: Math.max(2, (100 * c) / top) }));
    const wide = data.vague.map((b) => {
      const a = SCALES[data.by].index(b.date) - data.first;
      const width = last(data.by, b.date) - data.first - a + 1;
      const height = Math.max(3, (100 * b.count) / top);
      return s("rect", { class: "vague", x: a, y: 100 - height, width, height }, s("title", {}, `${date(b.date)}, not dated closer: ${many(b.count, "article")}`));
    });
    const window = () => s("rect", { class: "window", x: 0, y: 0, width: n, height: 100 });
    const windows = [window(), window()];
    const svg = s("svg", { viewBox: `0 0 ${n} 100`, preserveAspectRatio: "none", "aria-hidden": "true" }, s("defs", {}, s("clipPath", { id: "brushed" }, windows[0])), windows[1], wide, s("g", { class: "all" }, rects), s("g", { class: "in", "clip-path": "url(#brushed)" }, rects.map((r) => r && r.cloneNode())));
    const handles = [handle(0), handle(1)];
    const caption = h("span", { class: "caption", "aria-live": "off" });
    drawing = { svg, windows, handles, caption };
    const plot = h("div", { class: "plot", onpointerdown: brush, onpointermove: (e) => { if (!e.buttons) caption.textContent = words([spot(e), spot(e)]); }, onpointerleave: (e) => { if (!e.buttons) caption.textContent = ""; } }, svg, handles);
    return { plot, caption, axis: axis(n) };
  }

  // As many years or months as there is room for.
  function axis(n) {
    const ticks = [];
    const room = Math.max(2, Math.floor(element.clientWidth / 68));
    const rounded = (units) => [1, 2, 5, 10, 20, 50, 100].find((e) => units / e <= room) ?? 200;
    const short = n < 60 && data.by !== "year";
    const every = rounded(short || data.by === "year" ? n : data.by === "month" ? n / 12 : n / 30);
    let firsts = 0;
    for (let i = 0; i < n; i++) {
      const iso = data.name(i);
      if (short) {
        if (i % every === 0) ticks.push([i, data.by === "day" ? date(iso, true).replace(/ \d{4}$/, "") : date(iso, true)]);
      } else if (data.by === "day") {
        if (iso.endsWith("-01") && firsts++ % every === 0) ticks.push([i, date(iso.slice(0, 7), true)]);
      } else if ((data.by === "year" || iso.endsWith("-01")) && +iso.slice(0, 4) % every === 0) ticks.push([i, iso.slice(0, 4)]);
    }
    const row = h("div", { class: "axis", "aria-hidden": "true" });
    for (const [i, text] of ticks) {
      if ((1 - i / n) * element.clientWidth < 60 && ticks.length > 1) continue;
      const tick = h("span", {}, text);
      tick.style.left = `${(100 * i) / n}%`;
      row.append(tick);
    }
    return row;
  }

  function bound(which) {
    const name = which ? "to" : "from";
    const change = (e) => { if (e.target.value !== app.state[name]) app.go({ [name]: e.target.value.trim(), offset: 0 }, { push: true }); };
    return h("label", { class: "bound" }, which ? "to" : "from",
      h("input", { type: "text", value: app.state[name], size: 10, placeholder: data ? data.name(which ? count() - 1 : 0) : "2020-10", "aria-label": which ? "Published until, as 2020, 2020-10 or 2020-10-27" : "Published from, as 2020, 2020-10 or 2020-10-27", spellcheck: "false", autocomplete: "off", data: { key: `bound:${name}` }, onchange: change,
        onkeydown: (e) => { if (e.key === "Enter") change(e); } }));
  }

  function show(answer) {
    data = bars(answer, element.clientWidth || 700);
    undated = answer.undated;
    drawing = null;
    const bounded = app.state.from || app.state.to;
    if (!data && !bounded) return fill(element, undated > 0 && h("p", { class: "undated" }, `${many(undated, "article")}, none of them dated`));
    const parts = data ? draw() : { plot: h("p", { class: "empty" }, "no dated article") };
    const row = h("div", { class: "period" }, parts.caption ?? h("span", { class: "caption" }), bound(0), bound(1),
      bounded && h("button", { type: "button", class: "link", data: { key: "zoom" }, onclick: () => app.go({ zoom: !app.state.zoom }, { push: true }) }, app.state.zoom ? "All time" : "Zoom in"),
      bounded && h("button", { type: "button", class: "link", data: { key: "alltime" }, onclick: () => app.go({ from: "", to: "", zoom: false, offset: 0 }, { push: true }) }, "Clear period"),
      undated > 0 && h("button", { type: "button", class: "link undated", title: "Articles of which no date of publication is known", data: { key: "undated" }, onclick: () => app.go({ f: ["published=none"].concat(app.state.f.filter((f) => f !== "published=none")), from: "", to: "", offset: 0 }, { push: true }) }, `${number(undated)} undated`));
    fill(element, parts.plot, parts.axis, row);
    if (data) {
      chosen = range();
      paint();
    }
  }

  let width = 0;
  let answered = null;
  new ResizeObserver(() => {
    if (answered && Math.abs(element.clientWidth - width) > 40) show(answered);
    width = element.clientWidth;
  }).observe(element);

  return {
    show(answer) { answered = answer; show(answer); },
    // The period may change while the bars stay as they are.
    mark() { if (answered) show(answered); },
    focus() { element.querySelector(".handle")?.focus(); },
  };
}
