// The page, as people use it.

import assert from "node:assert/strict";
import { readFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, open, parameter, parameters, serve, settled, stop } from "./browser.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const corpus = new URL("../../corpus", import.meta.url).pathname;

let browser;
let sample;
let hostile;

// What somebody may have put into an article to get at its readers, and one story in two outlets.
function hostileArticles() {
  const words = "Envoys of Qatar said on Monday that Qatar had brokered a ceasefire between the two sides after nine nights of talks in Doha, and that monitors would watch the line along the river from the next morning on.";
  const more = "Both delegations thanked their hosts and flew home before noon; neither would say what had been promised about the prisoners, the two closed bridges or the price of grain in the northern towns.";
  const records = [
    { id: "evil", title: "<img src=x onerror=alert(1)> Ceasefire <script>alert(2)</script>", url: "javascript:alert(3)", source: "\"><svg onload=alert(4)>", published: "2024-05-06", text: `<script>document.title='taken'</script> Russia brokered a ceasefire in the <b>valley</b> on Sunday. <a href="javascript:alert(5)" onmouseover="alert(6)">More</a> <img src="http://elsewhere.example/pixel.gif"> </script><!-- \u0000\u001b[31m \u202e ceasefire 😀 Türkiye` },
    { id: "first", title: "Qatar brokers ceasefire", url: "https://one.example/a", source: "One", published: "2024-03-01", text: `${words}\n\n${more}` },
    { id: "second", title: "Qatar brokers ceasefire", url: "https://two.example/b", source: "Two", published: "2024-03-02", text: `${words}\n\n${more}` },
  ];
  const file = join(mkdtempSync(join(tmpdir(), "dateline-hostile-")), "articles.jsonl");
  writeFileSync(file, records.map((r) => JSON.stringify(r)).join("\n") + "\n");
  return file;
}

before(async () => {
  browser = await launch();
  [sample, hostile] = await Promise.all([serve(corpus), serve(hostileArticles())]);
});

after(async () => {
  await browser?.close();
  for (const served of [sample, hostile]) if (served) await stop(served);
});

const total = async (page) => Number((await page.locator("#bar .count b").innerText()).replaceAll(",", ""));
const facet = (page, field) => page.locator(`[data-facet="${field}"]`);
const value = (page, field, name) => facet(page, field).locator(`[data-value="${name}"]`);

test("the start shows what there is and leads to it", async () => {
  const { page, close } = await open(browser, sample.address);
  assert.equal(await page.title(), "Dateline");
  assert.match(await page.locator(".holdings").innerText(), /79 articles, 1998 to 2025/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  await page.locator(".columns section", { hasText: "Brokers" }).getByRole("link", { name: "Russia" }).click();
  await settled(page);
  assert.deepEqual(parameters(page, "f"), ["broker=Russia"]);
  assert.equal(await total(page), 9);
  await close();
});

test("every way to ask that the start offers finds something", async () => {
  const { page, close } = await open(browser, sample.address);
  const ways = await page.locator(".tries a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  assert.ok(ways.length >= 4);
  for (const way of ways) {
    await page.goto(sample.address + way);
    await settled(page);
    assert.ok((await total(page)) > 0, way);
  }
  await close();
});

test("typing searches, suggests and marks what matched", async () => {
  const { page, close } = await open(browser, sample.address);
  await page.keyboard.type("ceasefire ");
  // The answers to what was typed so far come first.
  await page.locator(".snippet mark").nth(5).waitFor();
  assert.match(await page.locator("#notes").innerText(), /truce\^0\.5/);
  await page.keyboard.type("Qat");
  await page.locator("#suggestions li").first().waitFor();
  const offered = await page.locator("#suggestions li").allInnerTexts();
  assert.ok(offered.some((o) => /Qatar[\s\S]*Broker/.test(o)), offered.join("; "));
  await page.keyboard.press("ArrowDown");
  const active = await page.locator("#q").getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
  await page.locator("#suggestions li", { hasText: "Broker" }).first().click();
  await settled(page);
  assert.match(await page.locator("#q").inputValue(), /^ceasefire broker:Qatar $/);
  assert.ok((await page.locator(".proofs q").count()) > 0, "the sentence behind a role stands with its hit");
  assert.equal(parameter(page, "q").trim(), "ceasefire broker:Qatar");
  await close();
});

test("a field typed in part is suggested, and then its values", async () => {
  const { page, close } = await open(browser, sample.address);
  await page.keyboard.type("bro");
  await page.locator("#suggestions li", { hasText: "broker:" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#q").inputValue(), "broker:");
  await page.keyboard.type("Rus");
  await page.locator("#suggestions li", { hasText: "Russia" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await settled(page);
  assert.equal(await total(page), 9);
  await close();
});

test("facets select several values, exclude, open, and are searched", async () => {
  const { page, close } = await open(browser, sample.address, "/?q=ceasefire");
  const all = await total(page);
  await value(page, "broker", "Russia").locator(".tick").check();
  await settled(page);
  const russia = await total(page);
  assert.ok(russia < all);
  await value(page, "broker", "Qatar").locator(".tick").check();
  await settled(page);
  const both = await total(page);
  assert.ok(both > russia, "values of a facet are alternatives");
  await value(page, "country", "Armenia").hover();
  await value(page, "country", "Armenia").locator(".not").click();
  await settled(page);
  assert.ok((await total(page)) < both);
  assert.deepEqual(parameters(page, "f"), ["broker=Russia", "broker=Qatar", "country!=Armenia"]);
  assert.match(await page.locator("#chosen").innerText(), /Broker Russia[\s\S]*not Country Armenia/);
  await page.getByRole("button", { name: "Remove Broker Qatar" }).click();
  await settled(page);
  assert.deepEqual(parameters(page, "f"), ["broker=Russia", "country!=Armenia"]);
  await page.getByRole("link", { name: "Clear all" }).click();
  await settled(page);
  assert.equal(await total(page), all);

  await facet(page, "host").locator("h3 button").click();
  await facet(page, "host").locator(".value").first().waitFor();
  assert.deepEqual(parameters(page, "open"), ["host"]);
  await facet(page, "broker").locator(".more").click();
  const find = facet(page, "broker").locator(".find");
  await find.pressSequentially("uni");
  await page.waitForFunction(() => [...document.querySelectorAll("[data-facet=broker] .name")].every((e) => /\buni/i.test(e.textContent)));
  assert.ok((await facet(page, "broker").locator(".name").allInnerTexts()).includes("United Nations"));
  await close();
});

test("a period is brushed with the mouse, zoomed into, moved with keys and cleared", async () => {
  const { page, close } = await open(browser, sample.address, "/?q=ceasefire");
  const all = await total(page);
  const plot = await page.locator(".plot svg").boundingBox();
  await page.mouse.move(plot.x + plot.width * 0.8, plot.y + 30);
  await page.mouse.down();
  await page.mouse.move(plot.x + plot.width * 0.9, plot.y + 30, { steps: 5 });
  assert.match(await page.locator(".period .caption").innerText(), /20\d\d.*\d+ articles?/);
  await page.mouse.up();
  await settled(page);
  const [from, to] = [parameter(page, "from"), parameter(page, "to")];
  assert.match(from, /^20\d\d/);
  assert.ok(from < to);
  const part = await total(page);
  assert.ok(part < all && part > 0);
  assert.match(await page.locator("#notes").innerText(), /undated/, "what a period leaves out is said");
  assert.ok(await page.locator(".plot .brushed").isVisible());
  const answered = page.waitForResponse(/timeline.*from=/);
  await page.getByRole("button", { name: "Zoom in" }).click();
  await answered;
  await settled(page);
  await page.getByRole("button", { name: "Clear period" }).click();
  await settled(page);
  assert.equal(await total(page), all);

  await page.locator("body").press("t");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "slider");
  for (let i = 0; i < 8; i++) await page.keyboard.press("ArrowRight");
  await page.waitForURL(/from=/);
  await settled(page);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "slider", "the focus stays on the handle");
  assert.ok((await total(page)) < all);
  await page.getByLabel("Published until").fill("2021");
  await page.keyboard.press("Enter");
  await settled(page);
  assert.equal(parameter(page, "to"), "2021");
  await close();
});

test("a facet value opens to its sentences, and these to the article", async () => {
  const { page, close } = await open(browser, sample.address, "/?q=ceasefire");
  await value(page, "broker", "Russia").locator(".because").click();
  const panel = page.locator("#evidence");
  await panel.locator(".sentences li").first().waitFor();
  assert.match(await panel.locator("h2").innerText(), /Russia as broker/);
  assert.ok((await panel.locator(".played", { hasText: "broker" }).count()) >= 5, "who plays the role is marked in the sentence");
  const facts = await panel.locator(".sentences > li").count();
  await panel.getByLabel("also offers").check();
  await page.waitForFunction((n) => document.querySelectorAll("#evidence .sentences > li").length > n, facts);
  assert.ok((await panel.locator(".tag", { hasText: "background" }).count()) > 0, "what is history is said to be");
  assert.deepEqual(parameters(page, "why"), ["broker.any=Russia"]);

  const sentence = panel.locator(".sentences > li", { hasText: "marathon negotiations" });
  await sentence.getByRole("link", { name: "Open the article" }).click();
  await page.locator("article h1").waitFor();
  assert.match(await page.locator(".said.lit").first().innerText(), /Russia/);
  await page.goBack();
  await panel.locator(".sentences li").first().waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.getElementById("evidence").open);

  await facet(page, "person").locator(".because").first().click();
  await panel.locator("blockquote mark").first().waitFor();
  await close();
});

test("an article marks names, roles and dates, and greys what is page chrome", async () => {
  const { page, close } = await open(browser, sample.address, "/?q=Terter&article=0e7105e2ff69");
  await page.locator("article h1").waitFor();
  assert.match(await page.locator("article h1").innerText(), /trade blame/);
  assert.equal(await page.locator("article .name", { hasText: "Sergey Lavrov" }).getAttribute("title"), "person: Sergey Lavrov");
  assert.match(await page.locator("article p .played").first().innerText(), /Armenia.*accuser/);
  assert.equal(await page.locator("article .day", { hasText: "Saturday" }).getAttribute("title"), "10 October 2020");
  assert.match(await page.locator("article .chrome").first().innerText(), /Tide tables/);
  assert.match(await page.locator(".margin").innerText(), /MARKED[\s\S]*WHAT IT STATES[\s\S]*Broker Russia[\s\S]*NAMED HERE/i);
  await page.getByRole("checkbox", { name: "Page chrome" }).uncheck();
  assert.equal(await page.locator("article .chrome").first().isVisible(), false);
  await page.getByRole("checkbox", { name: "Roles" }).uncheck();
  assert.equal(await page.locator("article p .played small").first().isVisible(), false);
  assert.deepEqual(parameters(page, "hide"), ["chrome", "roles"]);
  await page.reload();
  await page.locator("article h1").waitFor();
  assert.equal(await page.locator("article .chrome").first().isVisible(), false, "what is hidden is part of the address");
  await page.locator(".event").nth(1).click();
  assert.match(await page.locator(".said.lit").allInnerTexts().then((t) => t.join("")), /accused each other/);
  await page.locator(".alike a").first().click();
  await page.waitForFunction(() => !document.querySelector("article h1").textContent.includes("trade blame"));
  await close();
});

test("what does not exist is said", async () => {
  const { page, close } = await open(browser, sample.address, "/?q=ceasefire+zzqqxx");
  assert.match(await page.locator("#hits").innerText(), /No article/);
  assert.match(await page.locator("#notes").innerText(), /no article has `zzqqxx`/);
  await page.locator("#q").fill("broker:Rusia");
  await page.locator("#notes a", { hasText: "Russia" }).click();
  await settled(page);
  assert.equal(parameter(page, "q"), "broker:Russia");
  assert.equal(await total(page), 9);
  await page.locator("#notes a", { hasText: "broker.any:Russia" }).click();
  await settled(page);
  assert.equal(parameter(page, "q"), "broker.any:Russia");
  assert.ok((await total(page)) > 9);
  await close();
});

test("an error of a query points at its place and goes when it is mended", async () => {
  const { page, close } = await open(browser, sample.address, "/?q=ceasefire", { refused: true });
  await page.locator("#q").fill("café truce AND (");
  await page.keyboard.press("Enter");
  const place = page.locator(".place");
  await place.waitFor();
  const [query, caret] = (await place.textContent()).split("\n");
  assert.equal(query[caret.indexOf("^")], "(");
  assert.equal(await page.locator("#trouble").getAttribute("role"), "alert");
  await page.locator("#q").fill("truce");
  await place.waitFor({ state: "detached" });
  await settled(page);
  assert.ok((await total(page)) > 0);
  await close();
});

test("who accuses whom is a grid to click into and to walk with arrows", async () => {
  const { page, close } = await open(browser, sample.address);
  await page.getByRole("link", { name: "Who accuses whom" }).click();
  const cell = page.getByRole("button", { name: "Azerbaijan accuses Armenia: 7 articles" });
  await cell.click();
  const panel = page.locator("#evidence");
  await panel.locator(".sentences li").first().waitFor();
  assert.match((await panel.locator("h2").innerText()).replaceAll("\u00a0", " "), /Azerbaijan accuses .*Armenia/s);
  const said = await panel.locator(".sentences > li").count();
  assert.ok(said >= 7, `${said} sentences behind 7 articles`);
  await panel.getByRole("link", { name: "Show these articles" }).click();
  await settled(page);
  assert.equal(await total(page), 7);
  assert.match(parameter(page, "q"), /event\{accuser:"Azerbaijan" accused:"Armenia"\}/);
  await page.goBack();
  await cell.waitFor();
  await page.keyboard.press("Escape");
  await cell.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  assert.match(await page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? ""), /accuses/);

  await page.getByRole("link", { name: "Who brokers what" }).click();
  const ribbon = page.getByRole("button", { name: /United Nations brokers for Houthis/ });
  await ribbon.focus();
  await page.keyboard.press("Enter");
  await panel.locator(".sentences li").first().waitFor();
  assert.match(await panel.innerText(), /Houthi/);
  await page.getByRole("button", { name: "Grid" }).click();
  await page.getByRole("button", { name: /United Nations brokers for Houthis/ }).waitFor();
  assert.equal(parameter(page, "as"), "grid");
  await close();
});

test("all of it goes with the keyboard alone", async () => {
  const { page, close } = await open(browser, sample.address, "/?view=list");
  const focus = (read) => page.evaluate(read);
  await page.keyboard.press("/");
  assert.equal(await focus(() => document.activeElement.id), "q");
  await page.keyboard.type("truce");
  await page.locator(".snippet mark").first().waitFor();
  await page.keyboard.press("Enter");
  await settled(page);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const second = await focus(() => document.activeElement.dataset.hit);
  assert.equal(second, await page.locator(".headline").nth(1).getAttribute("data-hit"));
  await page.keyboard.press("Enter");
  await page.locator("article h1").waitFor();
  assert.equal(await focus(() => document.activeElement.tagName), "H1", "the focus is on what was opened");
  await page.keyboard.press("j");
  await page.waitForURL((url) => url.searchParams.get("article") !== second);
  await page.keyboard.press("Escape");
  await page.locator(".headline").first().waitFor();
  assert.equal(parameter(page, "article"), "");
  await page.keyboard.press("f");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focus(() => document.activeElement.type), "checkbox");
  const chosen = await focus(() => document.activeElement.dataset.key);
  await page.keyboard.press("Space");
  await settled(page);
  assert.equal(parameters(page, "f").length, 1);
  assert.equal(await focus(() => document.activeElement.dataset.key), chosen, "the focus stays where it was");
  await page.keyboard.press("x");
  await settled(page);
  assert.match(parameters(page, "f")[0], /!=/);
  await page.keyboard.press("e");
  await page.locator("#evidence .sentences li, #evidence .empty").first().waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.getElementById("evidence").open);
  assert.match(await focus(() => document.activeElement.dataset.key ?? ""), /^e:/, "the focus comes back");
  await page.keyboard.press("?");
  await page.locator("#helping kbd").first().waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("a");
  await page.locator(".grid .cell").first().waitFor();
  await page.keyboard.press("l");
  await page.locator(".hit, .empty").first().waitFor();
  await close();
});

test("back and forward, reload and a shared address give the same view", async () => {
  const { page, close } = await open(browser, sample.address);
  await page.keyboard.type("ceasefire");
  await page.keyboard.press("Enter");
  await settled(page);
  const first = await total(page);
  await value(page, "broker", "Russia").locator(".tick").check();
  await settled(page);
  const second = await total(page);
  await page.locator(".headline").nth(2).click();
  await page.locator("article h1").waitFor();
  const title = await page.locator("article h1").innerText();
  await page.goBack();
  await page.locator(".hit").first().waitFor();
  assert.equal(await total(page), second);
  await page.goBack();
  await settled(page);
  assert.equal(await total(page), first);
  assert.equal(await value(page, "broker", "Russia").locator(".tick").isChecked(), false);
  await page.goForward();
  await settled(page);
  assert.equal(await total(page), second);
  await page.goForward();
  await page.locator("article h1").waitFor();
  assert.equal(await page.locator("article h1").innerText(), title);
  const other = await open(browser, sample.address, new URL(page.url()).pathname + new URL(page.url()).search);
  await other.page.locator("article h1").waitFor();
  assert.equal(await other.page.locator("article h1").innerText(), title);
  await other.close();
  await page.goBack();
  await page.goBack();
  await page.goBack();
  await page.locator(".holdings").waitFor();
  assert.equal(await page.locator("#q").inputValue(), "");
  await close();
});

test("the answer is downloaded whole", async () => {
  const { page, close } = await open(browser, sample.address, "/?q=ceasefire&f=broker=Russia");
  const articles = await total(page);
  await page.getByText("Download", { exact: true }).click();
  const lines = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
    return readFileSync(await download.path(), "utf8").trim().split("\n");
  };
  const jsonl = await lines("Articles as JSONL");
  assert.equal(jsonl.length, articles);
  assert.ok(jsonl.every((line) => JSON.parse(line).facets.broker.includes("Russia")));
  assert.match((await lines("Events as CSV"))[0], /rule/);
  await close();
});

test("articles are text: nothing in them runs, loads or becomes a link", async () => {
  const { page, close } = await open(browser, hostile.address, "/?q=ceasefire&f=source!=One&all=true");
  assert.match(await page.locator(".hit", { hasText: "alert(2)" }).innerText(), /<script>alert\(2\)<\/script>/);
  await page.locator(".headline", { hasText: "alert(2)" }).click();
  await page.locator("article h1").waitFor();
  assert.match(await page.locator("article h1").innerText(), /<img src=x onerror=alert\(1\)>/);
  assert.match(await page.locator("article").innerText(), /<a href="javascript:alert\(5\)"/);
  assert.notEqual(await page.title(), "taken");
  const made = await page.evaluate(() => [...document.querySelectorAll("main script, main img, main b[onload], main [onmouseover], main svg[onload], a[href^='javascript' i], iframe")].length);
  assert.equal(made, 0);
  // Marks stand where they should though characters of several bytes come before.
  assert.equal(await page.locator("article .name", { hasText: "Türkiye" }).innerText(), "Türkiye");
  await page.goto(`${hostile.address}/?article=evil&q=%3Cscript%3Ealert(7)%3C/script%3E&plain=true`);
  await settled(page);
  await page.goto(`${hostile.address}/?article=first`);
  await page.locator("article h1").waitFor();
  const link = page.locator("article .origin a");
  assert.equal(await link.getAttribute("href"), "https://one.example/a");
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
  await close();
});

test("copies of a story are one hit and are listed when asked", async () => {
  const { page, close } = await open(browser, hostile.address, "/?q=monitors");
  assert.equal(await page.locator(".hit").count(), 1);
  assert.match(await page.locator("#bar .count").innerText(), /2 articles, 1 story/);
  await page.getByRole("button", { name: "2 copies in 2 outlets" }).click();
  await page.locator(".copies a").first().waitFor();
  await page.getByText("Options", { exact: true }).click();
  await page.getByLabel("Every copy").check();
  await settled(page);
  assert.equal(await page.locator(".hit").count(), 2);
  await close();
});

test("a fast typist makes no storm", async () => {
  const { page, close, requests } = await open(browser, sample.address, "/?view=list");
  const before = requests.length;
  let under = 0;
  let most = 0;
  const isSearch = (r) => r.url().includes("/api/v1/search");
  page.on("request", (r) => { if (isSearch(r)) most = Math.max(most, ++under); });
  page.on("requestfinished", (r) => { if (isSearch(r)) under--; });
  page.on("requestfailed", (r) => { if (isSearch(r)) under--; });
  await page.locator("#q").focus();
  const query = "ceasefire in the mountains of the south";
  await page.keyboard.type(query, { delay: 3 });
  await page.keyboard.press("Enter");
  await settled(page);
  const asked = requests.slice(before).filter(isSearch).length;
  // One that is cut short may be reported after the next has begun.
  assert.ok(most <= 2, `${most} searches at once`);
  assert.ok(asked <= 39, `${asked} searches for 39 keys`);
  assert.equal(parameter(page, "q"), query);
  const answer = await page.evaluate(async (q) => (await fetch(`/api/v1/search?limit=0&q=${encodeURIComponent(q)}`)).json(), query);
  assert.equal(await total(page), answer.total, "the answer is that of the last key");
  await close();
});

const VIEWS = {
  start: "/",
  results: "/?q=ceasefire+broker%3DRussia",
  facets: "/?q=ceasefire&f=broker=Russia&f=country!%3DTurkey&more=broker&open=host&open=source",
  evidence: "/?q=ceasefire&why=broker.any=Russia",
  article: "/?q=ceasefire&article=0e7105e2ff69",
  grid: "/?view=pairs",
  ribbons: "/?view=pairs&rows=broker&columns=party&why=broker=United+Nations&why=party=Houthis",
  brushed: "/?q=ceasefire&from=2020-10&to=2022-09",
  empty: "/?q=ceasefire+zzqqxx",
  error: "/?q=ceasefire+AND+(",
};

for (const theme of ["light", "dark"]) {
  for (const width of [375, 820, 1440]) {
    test(`nothing is out of reach or sight: ${theme}, ${width} wide`, async () => {
      for (const [name, path] of Object.entries(VIEWS)) {
        const { page, close } = await open(browser, sample.address, path, { theme, width, refused: name === "error" });
        if (name === "error") await page.locator(".place").waitFor();
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(beyond <= 0, `${name} is ${beyond} px too wide`);
        if (width === 820) {
          await close();
          continue;
        }
        await page.evaluate(axe);
        const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
        const grave = found.violations.filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => `${name}: ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
        assert.deepEqual(grave, []);
        await close();
      }
    });
  }
}

test("a phone has its facets in a drawer", async () => {
  const { page, close } = await open(browser, sample.address, "/?q=ceasefire", { width: 375, height: 740, touch: true });
  const all = await total(page);
  assert.equal(await page.locator("#facets").isVisible(), false);
  await page.getByRole("button", { name: "Facets" }).tap();
  await value(page, "broker", "Russia").locator("label").tap();
  await settled(page);
  await page.getByRole("button", { name: /^Show \d+ articles/ }).tap();
  assert.equal(await page.locator("#facets").isVisible(), false);
  assert.ok((await total(page)) < all);
  await close();
});

test("the theme is switched and kept", async () => {
  const { page, close } = await open(browser, sample.address);
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.locator("#theme").click();
  assert.equal(await paper(), light);
  await page.locator("#theme").click();
  const dark = await paper();
  assert.notEqual(dark, light);
  await page.reload();
  await settled(page);
  assert.equal(await paper(), dark);
  await close();
});
