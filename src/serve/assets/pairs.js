// Two roles of the same events as a picture: a grid of circles, or ribbons from the one to the other.

import { h, s, fill } from "./dom.js";
import { query, selection } from "./state.js";
import { PAIRS, pair, label, family, shape, many, number, rolesInOrder } from "./words.js";

const MOST = 14;

export const ofPairs = (state) => ({ rows: state.rows || "accuser", columns: state.columns || "accused" });

export function address(state) {
  return "matrix" + query({ ...selection(state), ...ofPairs(state), limit: 200 });
}

// The names that occur most, and the cells between them.
function table(cells, most) {
  const totals = (side) => {
    const sums = new Map();
    for (const cell of cells) sums.set(cell[side], (sums.get(cell[side]) ?? 0) + cell.count);
    return [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  };
  const rows = totals("row").slice(0, most);
  const names = new Set(rows.map((r) => r[0]));
  const near = cells.filter((c) => names.has(c.row));
  const weight = new Map();
  for (const cell of near) weight.set(cell.column, (weight.get(cell.column) ?? 0) + cell.count);
  const columns = [...weight].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most);
  const kept = new Set(columns.map((c) => c[0]));
  const shown = near.filter((c) => kept.has(c.column));
  const used = new Set(shown.map((c) => c.row));
  return { rows: rows.filter((r) => used.has(r[0])), columns, cells: shown };
}

export function pairView(app, element, answer) {
  const { rows, columns } = ofPairs(app.state);
  const known = pair(rows, columns);
  const way = app.state.as || (rows === "broker" ? "flow" : "grid");
  const words = (cell) => `${cell.row} ${known?.[3] ?? "and"} ${cell.column}: ${many(cell.count, "article")}`;
  const open = (cell) => app.why([`${rows}=${cell.row}`, `${columns}=${cell.column}`]);

  function grid(t) {
    const most = Math.max(...t.cells.map((c) => c.count));
    const by = new Map(t.cells.map((c) => [`${c.row}\n${c.column}`, c]));
    const cell = (row, column) => {
      const found = by.get(`${row}\n${column}`);
      if (!found) return h("td", { class: row === column ? "self" : "" });
      const r = 6 + 11 * Math.sqrt(found.count / most);
      return h("td", {}, h("button", { type: "button", class: "cell", title: words(found), "aria-label": words(found), data: { key: `c:${row}:${column}` }, onclick: () => open(found) },
        s("svg", { viewBox: "-18 -18 36 36", "aria-hidden": "true" }, s("circle", { r: r.toFixed(1) }), s("text", { "text-anchor": "middle", y: "3.6" }, String(found.count)))));
    };
    const head = t.columns.map(([name]) => h("th", { scope: "col", title: name }, h("span", {}, h("b", {}, name))));
    return h("div", { class: `grid ${family(rows)}`, tabindex: "0", role: "region", "aria-label": `${label(rows)} and ${label(columns)}`, onkeydown: arrows },
      h("table", {}, h("caption", { class: "unseen" }, `Rows: ${label(rows)}; columns: ${label(columns)}; numbers are articles`),
        h("thead", {}, h("tr", {}, h("td", { class: "corner" }, h("span", {}, `${label(rows)} ↓`), h("span", {}, `${label(columns)} →`)), head)),
        h("tbody", {}, t.rows.map(([name]) => h("tr", {}, h("th", { scope: "row", title: name }, h("b", {}, name)), t.columns.map(([column]) => cell(name, column)))))));
  }

  // From cell to cell with the arrows, over empty ones.
  function arrows(event) {
    const here = event.target.closest("td");
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    const all = [...element.querySelectorAll("tbody tr")].map((tr) => [...tr.children]);
    let r = here ? all.findIndex((tr) => tr.includes(here)) : -1;
    let c = here ? all[r].indexOf(here) : 1;
    event.preventDefault();
    for (;;) {
      r += here ? step[0] : 1;
      c += here ? step[1] : 0;
      if (!all[r]?.[c]) {
        if (!here && r < all.length) continue;
        return;
      }
      const button = all[r][c].querySelector("button");
      if (button) return button.focus();
      if (!here && r >= all.length - 1) { r = -1; c += 1; }
    }
  }

  function flow(t) {
    const width = Math.max(320, Math.min(element.clientWidth || 700, 900));
    const unit = Math.min(15, 560 / t.cells.reduce((sum, c) => sum + c.count, 0));
    const gap = 12;
    const side = Math.min(230, width * 0.37);
    const totals = (list, name) => list.reduce((sum, c) => sum + (c[name[0]] === name[1] ? c.count : 0), 0);
    const stack = (names, key) => {
      let y = 30;
      return new Map(names.map((name) => {
        const total = totals(t.cells, [key, name]);
        const node = { name, y, height: total * unit, used: 0 };
        y += Math.max(node.height, 14) + gap;
        return [name, node];
      }));
    };
    const left = stack(t.rows.map((r) => r[0]), "row");
    const order = t.columns.map(([name]) => {
      const mine = t.cells.filter((c) => c.column === name);
      return [name, mine.reduce((sum, c) => sum + (left.get(c.row).y + left.get(c.row).height / 2) * c.count, 0) / mine.reduce((sum, c) => sum + c.count, 0)];
    }).sort((a, b) => a[1] - b[1]).map((c) => c[0]);
    const right = stack(order, "column");
    const bottom = (nodes) => Math.max(...[...nodes.values()].map((n) => n.y + Math.max(n.height, 14)));
    const height = Math.max(bottom(left), bottom(right)) + 8;
    // The shorter side stands in the middle.
    for (const nodes of [left, right]) {
      const shift = (height - 8 - bottom(nodes)) / 2;
      for (const node of nodes.values()) node.y += shift;
    }
    const x = [side, width - side];
    const mid = (x[0] + x[1]) / 2;
    const ribbons = [...t.cells].sort((a, b) => right.get(a.column).y - right.get(b.column).y).map((cell) => {
      const [a, b] = [left.get(cell.row), right.get(cell.column)];
      const y0 = a.y + a.used + (cell.count * unit) / 2;
      a.used += cell.count * unit;
      return { cell, y0, b };
    }).sort((p, q) => p.y0 - q.y0).map(({ cell, y0, b }) => {
      const y1 = b.y + b.used + (cell.count * unit) / 2;
      b.used += cell.count * unit;
      const ribbon = s("path", { class: "ribbon", d: `M${x[0] + 5},${y0}C${mid},${y0} ${mid},${y1} ${x[1] - 5},${y1}`, "stroke-width": Math.max(1.5, cell.count * unit - (unit > 6 ? 2 : 0.5)), tabindex: "0", role: "button", "aria-label": words(cell), "data-key": `r:${cell.row}:${cell.column}`, onclick: () => open(cell), onkeydown: (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); open(cell); } } }, s("title", {}, words(cell)));
      return ribbon;
    });
    const room = Math.floor((side - 12) / 8);
    const short = (name) => (name.length > room ? `${name.slice(0, room - 1)}…` : name);
    const node = (n, end) => [s("rect", { class: "node", x: end ? x[1] - 5 : x[0], y: n.y, width: 5, height: Math.max(n.height, 2) }), s("text", { x: end ? x[1] + 8 : x[0] - 8, y: n.y + Math.max(n.height, 2) / 2 + 4.5, "text-anchor": end ? "start" : "end" }, short(n.name), s("title", {}, n.name))];
    const heads = [[rows, x[0] - 8, "end"], [columns, x[1] + 8, "start"]].map(([role, at, anchor]) => s("text", { class: "side", x: at, y: 14, "text-anchor": anchor }, `${shape(role)} ${label(role)}`));
    const picture = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": `${label(rows)} and ${label(columns)}: each ribbon is a pair` }, heads, ribbons, [...left.values()].flatMap((n) => node(n, false)), [...right.values()].flatMap((n) => node(n, true)));
    return h("div", { class: `flow ${family(rows)}` }, picture);
  }

  function choice() {
    const roles = rolesInOrder(app.roles);
    const select = (name, value, text) => h("label", {}, text, h("select", { data: { key: `pair:${name}` }, onchange: (e) => app.go({ [name]: e.target.value, ...(name === "rows" ? { columns } : { rows }), why: [] }, { push: true }) }, roles.map((role) => h("option", { value: role, selected: role === value }, label(role)))));
    const ways = [["grid", "Grid"], ["flow", "Ribbons"]].map(([name, text]) => h("button", { type: "button", "aria-pressed": String(way === name), data: { key: `as:${name}` }, onclick: () => app.go({ as: name }, { push: true }) }, text));
    return h("div", { class: "pair-tools" }, select("rows", rows, "from "), select("columns", columns, "to "), h("div", { class: "ways", role: "group", "aria-label": "Picture" }, ways));
  }

  const t = table(answer.cells, MOST);
  const left = answer.cells.length - t.cells.length;
  const told = answer.cells.length === 0
    ? h("p", { class: "empty" }, `No event in these articles names ${label(rows).toLowerCase()} and ${label(columns).toLowerCase()} together.`)
    : [way === "flow" ? flow(t) : grid(t), h("p", { class: "fine" }, `Numbers are articles. Only what is told as fact and is not history counts. Click one for its sentences.`, left > 0 && ` ${many(left, "rarer pair is", "rarer pairs are")} left out.`)];
  fill(element, h("h1", { class: "pair-title" }, known?.[2] ?? `${label(rows)} and ${label(columns)}`), choice(), told);
}

export { PAIRS, number };
