// The latest alerts: the open ones first, each with what happened, where, when and its picture.

import { ask } from "./api.js";
import { byId, copyOf, element, say, show } from "./dom.js";
import { sourceInView } from "./token.js";
import { view } from "./viewer.js";
import { ago, localTime, origin, plain, seconds, span } from "./words.js";

const PAST = 40;
const OPEN = 200;
const rows = new Map();
let told = null; // the alerts that were already read out; null before the first answer

// Fetches and shows; returns the grade of every open alert under "camera/rule".
export async function refreshAlerts() {
  const [open, latest] = await Promise.all([ask(`api/alerts?open=true&limit=${OPEN}`), ask(`api/alerts?limit=${PAST}`)]);
  const isOpen = new Set(open.alerts.map((event) => event.alert_id));
  const past = latest.alerts.filter((event) => !isOpen.has(event.alert_id) && event.state === "STATE_CLEARED");
  forget(new Set([...open.alerts, ...past].map((event) => event.alert_id)));
  list("open", open.alerts);
  list("past", past);
  say(byId("open-count"), open.next_page_token ? `${OPEN}+` : String(open.alerts.length));
  announce(open.alerts);
  return new Map(open.alerts.map((event) => [`${event.camera ?? ""}/${event.rule}`, plain(event.grade)]));
}

// Ages grow between two answers; `time` is the box's.
export function updateAges(time) {
  for (const row of rows.values()) say(row.root.querySelector(".ago"), `(${ago(time - row.time)})`);
}

export function failAlerts(reason) {
  const note = byId("alerts-failed");
  say(note, reason && `Alerts can't be read: ${reason}`);
  show(note, reason !== "");
}

const SAID = {
  KIND_LOITERING: "loiters",
  KIND_SEQUENCE: "went the forbidden way",
  KIND_WRONG_WAY: "goes the wrong way",
  KIND_STOPPED: "stands still",
  KIND_EXCLUSION: "too near to a vehicle",
  KIND_TAILGATING: "crossed close behind another",
};

const TOLD = {
  KIND_MANUAL: "alarm by hand",
  KIND_INPUT: "external input",
  KIND_ARMING: "somebody's order",
  KIND_DELIVERY: "late delivery",
  KIND_CANARY: "test of delivery",
};

// What happened, in a few words.
export function sentence(event) {
  const who = event.object?.class_name ?? "";
  if (event.kind === "KIND_TRIPWIRE") return `${who} crossed ${plain(event.direction)}`.trim();
  const what = event.kind === "KIND_ZONE" ? "in zone" : SAID[event.kind];
  if (!what) return [TOLD[event.kind] ?? plain(event.kind), event.note].filter(Boolean).join(": ");
  const dwell = seconds(event.dwell);
  return [who, dwell === null ? what : `${what} for ${span(dwell)}`].filter(Boolean).join(" ");
}

// The alert's state and why, for example "cleared: track ended".
export const stage = (event) => `${plain(event.state)}: ${(event.reason ?? "").replaceAll("_", " ")}`;

function list(which, events) {
  const place = byId(`${which}-alerts`);
  const nodes = events.map((event) => row(event).root);
  const same = nodes.length === place.children.length && nodes.every((node, i) => node === place.children[i]);
  if (!same) place.replaceChildren(...nodes);
  show(byId(`no-${which}`), events.length === 0);
}

// An alert keeps its row for life, so focus and picture stay where they are.
function row(event) {
  const known = rows.get(event.alert_id);
  if (known?.sequence === event.sequence) return known;
  const root = known?.root ?? copyOf("alert-row");
  const time = Date.parse(event.capture_time) / 1000;
  const made = { root, time, sequence: event.sequence };
  rows.set(event.alert_id, made);
  write(root, event, new Date(time * 1000));
  return made;
}

function write(root, event, date) {
  const find = (selector) => root.querySelector(selector);
  root.dataset.alert = event.alert_id;
  root.dataset.state = plain(event.state);
  root.dataset.grade = plain(event.grade);
  say(find(".grade"), plain(event.grade));
  say(find(".where"), `${origin(event)} / ${event.rule}`);
  say(find(".said"), sentence(event));
  say(find(".reason"), stage(event));
  stand(find(".standing"), event);
  find("time").dateTime = date.toISOString();
  find("time").title = date.toString();
  say(find("time"), localTime(date));
  picture(find(".thumb"), event);
}

// How far it has risen, and who has seen to it.
function stand(node, { level, acknowledgement }) {
  const texts = [level > 1 && `level ${level}`, acknowledgement && `acknowledged by ${acknowledgement.who}`];
  say(node, texts.filter(Boolean).join(", "));
  node.dataset.tone = acknowledgement ? "good" : "bad";
  show(node, node.textContent !== "");
}

function picture(link, event) {
  link.onclick = (click) => {
    click.preventDefault();
    view(event, sentence(event), stage(event));
  };
  const evidence = event.evidence;
  link.href = evidence ? `api/evidence/${encodeURIComponent(evidence.evidence_id)}.jpg` : "#alerts";
  link.setAttribute("aria-label", `${evidence ? "Picture and details" : "Details"} of the alert of ${origin(event)}, ${event.rule}`);
  if (link.dataset.shows === link.href) return;
  link.dataset.shows = link.href;
  const expired = !evidence || Date.parse(evidence.expire_time) < Date.now();
  const image = () => {
    const made = element("img", { alt: "", width: 112, height: 80 });
    sourceInView(made, link.href);
    return made;
  };
  link.replaceChildren(expired ? element("span", {}, "details") : image());
}

function forget(kept) {
  for (const id of rows.keys()) if (!kept.has(id)) rows.delete(id);
}

function announce(open) {
  const fresh = told === null ? [] : open.filter((event) => !told.has(event.alert_id));
  told = new Set(open.map((event) => event.alert_id));
  if (fresh.length === 0) return;
  const [{ grade, rule }] = fresh;
  say(byId("news"), fresh.length > 1 ? `${fresh.length} new alerts` : `New ${plain(grade)} alert: ${origin(fresh[0])}, ${rule}`);
}
