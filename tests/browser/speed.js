// How long it takes from a key to the page of its answer, and to the first page at all:
//   DATELINE=target/release/dateline node speed.js INDEX [QUERY...]
// Not a test: figures depend on the machine.

import { launch, listen, open, settled, stop } from "./browser.js";

const [index, ...given] = process.argv.slice(2);
const queries = given.length ? given : ["oil price", "broker:Russia", "merger talks", "federal reserve rate", "accuser:China", "earnings forecast quarter"];
const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const high = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length * 0.95)];
const ms = (n) => `${n.toFixed(1)} ms`;

const served = await listen(index);
const browser = await launch();
process.on("exit", () => served.server.kill());

const firsts = [];
for (let i = 0; i < 5; i++) {
  const { page, close } = await open(browser, served.address, `/?q=${encodeURIComponent(queries[0])}`);
  firsts.push(await page.evaluate(() => performance.getEntriesByName("answer")[0].startTime + performance.getEntriesByName("answer")[0].duration));
  await close();
}
console.log(`first result page, from the start of loading, 5 cold caches: ${firsts.map(ms).join(", ")}`);

// From the key's event to the frame after the hits stand in the page.
const { page, close } = await open(browser, served.address, "/?view=list");
await page.evaluate(() => {
  globalThis.keys = [];
  globalThis.drawings = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByName("drawing")) globalThis.drawings.push(entry.duration);
  }).observe({ type: "measure" });
  const hits = document.getElementById("hits");
  let pressed = 0;
  document.getElementById("q").addEventListener("input", () => { pressed = performance.now(); }, true);
  new MutationObserver(() => {
    if (!pressed) return;
    const since = pressed;
    pressed = 0;
    const made = performance.now();
    requestAnimationFrame(() => requestAnimationFrame((frame) => globalThis.keys.push([made - since, frame - since])));
  }).observe(hits, { childList: true });
});
for (let round = 0; round < 3; round++) {
  for (const query of queries) {
    await page.locator("#q").fill("");
    await settled(page);
    await page.locator("#q").focus();
    await page.keyboard.type(query, { delay: 130 });
    await settled(page);
  }
}
const keys = await page.evaluate(() => globalThis.keys);
const [made, painted] = [keys.map((k) => k[0]), keys.map((k) => k[1])];
console.log(`${keys.length} keys, until the hits stand in the page: median ${ms(middle(made))}, 95th percentile ${ms(high(made))}, most ${ms(Math.max(...made))}`);
console.log(`until the second frame after that began: median ${ms(middle(painted))}, 95th percentile ${ms(high(painted))}`);
const drawings = await page.evaluate(() => globalThis.drawings);
console.log(`of that making the elements: median ${ms(middle(drawings))}, 95th percentile ${ms(high(drawings))}`);
await close();
await browser.close();
await stop(served);
