// Asking the server. One request at a time on each lane: while one is under way only the newest of those that came
// after it waits, so that a fast typist makes no storm; and what is slow and no longer wanted is cut short.

const PATIENCE = 150;
const KEPT = 40;
const FRESH = 20_000;

const kept = new Map();

function remember(url, answer) {
  kept.delete(url);
  kept.set(url, { answer, since: performance.now() });
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
}

function remembered(url) {
  const found = kept.get(url);
  return found && performance.now() - found.since < FRESH ? found.answer : null;
}

export class Trouble extends Error {
  constructor(problem) {
    super(problem.detail || problem.title || "the server does not answer");
    this.status = problem.status ?? 0;
    this.position = problem.position;
    this.retryAfter = problem.retryAfter;
  }
}

async function fetched(url, signal) {
  const address = "/api/v1/" + url;
  let response;
  try {
    response = await fetch(address, { signal, headers: { accept: "application/json" }, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble({ title: "the server does not answer; is dateline serve still running?" });
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw new Trouble({ status: response.status, title: response.statusText, retryAfter: Number(response.headers.get("retry-after")), ...body });
}

export async function get(url, signal) {
  const before = remembered(url);
  if (before) return before;
  const answer = await fetched(url, signal);
  remember(url, answer);
  return answer;
}

export function lane() {
  let running = null;
  let waiting = null;
  let timer = 0;

  async function start() {
    const { url, done, failed } = waiting;
    const stop = new AbortController();
    waiting = null;
    running = { stop };
    try {
      const answer = await get(url, stop.signal);
      if (!waiting) done(answer);
    } catch (error) {
      if (!waiting && error.name !== "AbortError") await troubled(error, { url, done, failed });
    }
    clearTimeout(timer);
    running = null;
    if (waiting) start();
  }

  // A busy server says when to come again; that is asked once, unless something newer is wanted.
  async function troubled(error, asked) {
    const seconds = error.status === 429 || error.status === 503 ? Math.min(error.retryAfter || 1, 5) : 0;
    if (!seconds || asked.again) return asked.failed(error);
    await new Promise((ready) => setTimeout(ready, seconds * 1000));
    waiting ??= { ...asked, again: true };
  }

  return {
    ask(url, done, failed = () => {}) {
      const before = remembered(url);
      if (before && !running) return done(before);
      waiting = { url, done, failed };
      if (!running) return start();
      clearTimeout(timer);
      timer = setTimeout(() => running?.stop.abort(), PATIENCE);
    },
    forget() {
      waiting = null;
      running?.stop.abort();
    },
  };
}
