// The console: asks the box how it is, and lets each part of the page show its share.

import { failAlerts, refreshAlerts, updateAges } from "./alerts.js";
import { ask, Locked, repeat, Unreachable } from "./api.js";
import { dimCameras, markOpen, refreshPictures, showCameras } from "./cameras.js";
import { showDelivery } from "./delivery.js";
import { byId, element, say, show } from "./dom.js";
import { askForToken, letIn } from "./login.js";
import { computed, localTime, span } from "./words.js";

const STATUS_MS = 1000;
const PICTURE_MS = 500;

let ahead = 0; // the box's clock minus this computer's, in seconds
let answered = null; // when the box last answered
let events = ""; // the newest event whose alerts are shown

async function refresh() {
  try {
    const status = await ask("api/status");
    [ahead, answered] = [status.time - Date.now() / 1000, new Date()];
    show(byId("unreachable"), false);
    letIn();
    showBox(status);
    await followEvents(status.box);
  } catch (error) {
    lose(error);
  }
  updateAges(Date.now() / 1000 + ahead);
}

function showBox({ ready, time, box }) {
  say(byId("site"), box.site);
  say(byId("box"), box.box_id);
  readiness(ready ? "Ready" : "Not ready", ready ? "good" : "bad");
  explain("not-ready", box.not_ready);
  explain("degraded", box.degraded);
  explain("config-problem", box.config_problem ? box.config_problem.split("\n") : []);
  say(byId("open-link"), box.open_alerts === 1 ? "1 open alert" : `${box.open_alerts} open alerts`);
  show(byId("open-link"), box.open_alerts > 0);
  document.title = `${box.open_alerts ? `(${box.open_alerts}) ` : ""}${box.site} - Fenceline`;
  showCameras(box.cameras, time);
  showDelivery(box.consumers, box.last_sequence);
  showAbout(box, time);
}

// A banner with its reasons, while there are any.
function explain(banner, reasons) {
  const list = byId(banner).querySelector("ul");
  show(byId(banner), reasons.length > 0);
  if (list.dataset.told === reasons.join("\n")) return;
  list.dataset.told = reasons.join("\n");
  list.replaceChildren(...reasons.map((reason) => element("li", {}, reason)));
}

function showAbout(box, time) {
  const facts = [
    `Fenceline ${box.version}`,
    `${computed(box)} (${box.model_sha256.slice(0, 8)})`,
    `analysis busy ${Math.round(100 * box.load)} % of the time`,
    `configuration ${box.config_revision}`,
    `running for ${span(time - box.started)}`,
  ];
  byId("about").replaceChildren(...facts.map((fact) => element("span", {}, fact)));
}

// Alerts are read again only when the box has something new to tell.
async function followEvents(box) {
  const newest = `${box.box_id}/${box.last_sequence}`;
  if (newest === events) return;
  try {
    markOpen(await refreshAlerts());
    failAlerts("");
    events = newest;
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Locked) throw error;
    failAlerts(error.message);
  }
}

function lose(error) {
  if (error instanceof Locked) {
    show(byId("unreachable"), false);
    askForToken(refresh);
    readiness("Locked", "idle");
    dimCameras();
    return;
  }
  const since = answered ? ` What you see is from ${localTime(answered)}.` : "";
  const what = error instanceof Unreachable ? `The box does not answer: ${error.message}.` : `The box can't tell how it is: ${error.message}.`;
  say(byId("unreachable"), `${what}${since} Trying again ...`);
  show(byId("unreachable"), true);
  readiness("No connection", "bad");
  dimCameras();
}

function readiness(text, tone) {
  say(byId("readiness"), text);
  byId("readiness").dataset.tone = tone;
}

repeat(STATUS_MS, refresh);
repeat(PICTURE_MS, refreshPictures);
