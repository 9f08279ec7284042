// How to ask, and the keys.

import { h } from "./dom.js";

const LANGUAGE = [
  ["ceasefire talks", "both words, with their inflections"],
  ["truce OR armistice, -gaza", "either; without"],
  ["\"peace talks\", \"near these\"~5", "a phrase; words near each other"],
  ["truc*, w?ldcard, fuzzy~1", "words that fit"],
  ["broker:Russia", "in that role, told as fact"],
  ["broker.any:Russia", "offered, refused, failed, as history too"],
  ["event{accuser:Armenia accused:Azerbaijan}", "in one and the same event"],
  ["2020-10..2022, last 7 days", "when it was published"],
  ["mentioned:2020-10-27", "a date in the text"],
  ["published:none", "articles of no known date"],
];

const KEYS = [
  ["/", "to the search box"],
  ["↓ ↑", "through suggestions, hits, facets, the grid"],
  ["Enter", "open; in the box: search"],
  ["Esc", "back, close"],
  ["j k", "next and previous hit or article"],
  ["f", "to the facets: Space chooses, x excludes, e shows the sentences"],
  ["t", "to the timeline: ← → move its ends"],
  ["l a b", "articles, who accuses whom, who brokers what"],
  ["?", "this"],
];

const rows = (list, tag) => h("dl", {}, list.map(([left, right]) => [h("dt", {}, left.split(tag === "kbd" ? " " : /(?!)/).map((k, i) => [i > 0 && " ", h(tag, {}, k)])), h("dd", {}, right)]));

export const language = () => h("div", { class: "asking" }, h("h2", {}, "How to ask"), rows(LANGUAGE, "code"));

export function helpText(close) {
  return h("div", {},
    h("div", { class: "panel-head" }, h("h2", { id: "help-title" }, "How to ask"), h("button", { type: "button", class: "close", "aria-label": "Close", onclick: close }, "×")),
    rows(LANGUAGE, "code"), h("h2", {}, "Keys"), rows(KEYS, "kbd"));
}
