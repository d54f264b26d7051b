// The form by which somebody says that he has seen to an alert.

import { tell } from "./api.js";
import { byId, say, show } from "./dom.js";

const NAME = "fenceline-who";

// Offers it for an alert that nobody has acknowledged; `done` is called with the first acknowledgement.
export function offer(event, done) {
  const form = byId("acknowledge");
  show(form, !event.acknowledgement);
  show(byId("acknowledge-failed"), false);
  form.elements.note.value = "";
  form.elements.who.value = remembered();
  form.onsubmit = (submitted) => {
    submitted.preventDefault();
    send(form, event.alert_id, done);
  };
}

async function send(form, alertId, done) {
  const [who, note] = [form.elements.who.value.trim(), form.elements.note.value.trim()];
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const first = await tell("api/alerts/acknowledge", { alert_id: alertId, who, note });
    remember(who);
    done({ ...first, time: new Date(first.time * 1000).toISOString() });
  } catch (error) {
    say(byId("acknowledge-failed"), `It is not acknowledged: ${error.message}`);
    show(byId("acknowledge-failed"), true);
  } finally {
    button.disabled = false;
  }
}

// A browser may be set to keep nothing.
function remembered() {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

function remember(who) {
  try {
    localStorage.setItem(NAME, who);
  } catch {
    // then he writes it again
  }
}
