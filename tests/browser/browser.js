// A served index and a browser that drives it; every page is watched for errors and for requests that leave it.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const dateline = process.env.DATELINE ?? "dateline";

// Indexes the paths and serves them on a free port; ends the server with its address.
export async function serve(...paths) {
  const directory = mkdtempSync(join(tmpdir(), "dateline-page-"));
  const index = join(directory, "index");
  execFileSync(dateline, ["index", "--quiet", "--index", index, ...paths]);
  return { ...(await listen(index)), index, directory };
}

export async function listen(index) {
  const server = spawn(dateline, ["serve", "--index", index, "--port", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  const address = await new Promise((ready, failed) => {
    let said = "";
    const hear = (text) => {
      said += text;
      const found = /listening on (http:\S+?)\/?\s/.exec(said);
      if (found) ready(found[1]);
    };
    server.stdout.on("data", hear);
    server.stderr.on("data", hear);
    server.on("exit", (code) => failed(new Error(`dateline serve ended with ${code}: ${said}`)));
  });
  return { address, server };
}

export async function stop(served) {
  const gone = new Promise((done) => served.server.once("exit", done));
  served.server.kill("SIGTERM");
  await gone;
  if (served.directory) rmSync(served.directory, { recursive: true, force: true });
}

export function launch() {
  // A container has no user namespaces for the sandbox; the only pages shown are ours.
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
}

// Opens a page of its own context. `refused` tells that the server is to answer one query with an error,
// which the browser logs by itself.
export async function open(browser, address, path = "/", { width = 1440, height = 900, theme = "light", refused = false, touch = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, hasTouch: touch, reducedMotion: "reduce", acceptDownloads: true });
  const page = await context.newPage();
  // Changed scripts and styles are tried without building the program anew.
  const { ASSETS } = process.env;
  if (ASSETS) await page.route(/\/assets\//, (route) => route.fulfill({ path: join(ASSETS, new URL(route.request().url()).pathname.slice("/assets/".length)) }));
  const faults = [];
  const requests = [];
  page.on("pageerror", (error) => faults.push(error.stack ?? String(error)));
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    const expected = refused && /status of 400/.test(message.text()) && message.location().url.includes("/api/v1/");
    if (!expected) faults.push(message.text());
  });
  page.on("request", (request) => {
    requests.push(request);
    const url = new URL(request.url());
    if (url.origin !== address && url.protocol !== "data:" && url.protocol !== "blob:") faults.push(`a request to ${request.url()}`);
  });
  await page.goto(address + path);
  await settled(page);
  const close = async () => {
    await context.close();
    assert.deepEqual(faults, [], "no error in the console and no request to elsewhere");
  };
  return { page, close, requests, faults };
}

// Until nothing is under way any more.
export async function settled(page) {
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => document.body.dataset.view !== "loading" && !document.body.classList.contains("waiting"));
}

export const parameter = (page, name) => new URL(page.url()).searchParams.get(name) ?? "";
export const parameters = (page, name) => new URL(page.url()).searchParams.getAll(name);
