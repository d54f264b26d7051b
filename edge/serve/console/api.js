// Asks the box; every failure becomes an error that a person can read.

const PATIENCE_MS = 5000;

export async function ask(path) {
  let response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
  } catch (error) {
    throw new Unreachable(error.name === "TimeoutError" ? "it took too long to answer" : "it is not reachable");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error([answer.error ?? `answer ${response.status}`, answer.remedy].filter(Boolean).join("; "));
  }
  return answer;
}

// The box itself does not answer, as opposed to answering with an error.
export class Unreachable extends Error {}

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
