// Asks and tells the box; every failure becomes an error that a person can read.

import { bearer } from "./token.js";

const PATIENCE_MS = 5000;
const CONFIRM_MS = 20000; // the box answers when it is on its disk, in 15 s or never

export const ask = (path) =>
  answer(path, { signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store", headers: bearer() });

export const tell = (path, body) =>
  answer(path, {
    signal: AbortSignal.timeout(CONFIRM_MS),
    method: "POST",
    headers: { "Content-Type": "application/json", ...bearer() },
    body: JSON.stringify(body),
  });

async function answer(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw new Unreachable(error.name === "TimeoutError" ? "it took too long to answer" : "it is not reachable");
  }
  const said = await response.json().catch(() => ({}));
  if (response.status === 401) throw new Locked(said.error);
  if (!response.ok) {
    throw new Error([said.error ?? `answer ${response.status}`, said.remedy].filter(Boolean).join("; "));
  }
  return said;
}

// The box itself does not answer, as opposed to answering with an error.
export class Unreachable extends Error {}

// The box wants a token, or another one than it was shown.
export class Locked extends Error {}

// Does something again and again: never twice at once, and not while nobody looks at the page.
export function repeat(everyMs, work) {
  let timer = 0;
  let busy = false;
  async function turn() {
    if (busy || document.hidden) return;
    clearTimeout(timer);
    busy = true;
    try {
      await work();
    } finally {
      busy = false;
      timer = setTimeout(turn, everyMs);
    }
  }
  document.addEventListener("visibilitychange", turn);
  turn();
}
