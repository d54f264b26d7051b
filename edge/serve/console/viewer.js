// Opens one alert: its picture with the way the object went, its clip and further pictures, the facts.

import { offer } from "./acknowledge.js";
import { byId, element, say, shape } from "./dom.js";
import { draw, outline, path } from "./overlay.js";
import { source } from "./token.js";
import { acknowledged, computed, decided, localTime, origin, plain, seconds, span } from "./words.js";

const MORE = {
  EVIDENCE_ROLE_CLIP: "Clip, from before the alert on",
  EVIDENCE_ROLE_BEST: "Best view",
  EVIDENCE_ROLE_CLEARED: "When it was cleared",
};

export function view(event, sentence, stage) {
  const viewer = byId("viewer");
  say(byId("viewer-title"), `${origin(event)} / ${event.rule}: ${sentence}`);
  viewer.querySelector(".evidence").replaceChildren(...picture(event));
  viewer.querySelector(".more").replaceChildren(...more(event));
  explain(event, stage);
  viewer.onclick = (click) => {
    if (click.target === viewer) viewer.close(); // a handler that returns false would swallow every click in it
  };
  viewer.onclose = () => {
    for (const { src } of viewer.querySelectorAll("video")) if (src.startsWith("blob:")) URL.revokeObjectURL(src);
    viewer.querySelector(".more").replaceChildren(); // nothing plays on unseen
  };
  viewer.showModal();
}

// The facts; and while nobody has acknowledged it, the way to do so.
function explain(event, stage) {
  byId("viewer").querySelector(".facts").replaceChildren(...facts(event, stage));
  offer(event, (acknowledgement) => explain({ ...event, acknowledgement }, stage));
}

function picture(event) {
  const id = event.evidence?.evidence_id;
  if (!id) return [element("p", { class: "note" }, "No picture was kept of this alert.")];
  const image = element("img", { alt: "Picture of the alert, people pixelated" });
  const svg = shape("svg", { class: "overlay", "aria-hidden": "true" });
  const points = way(event);
  const place = event.object?.box; // a thing that was left goes no way
  const parts = points.length ? [path(points)] : place ? [outline(place)] : [];
  const redraw = () => draw(svg, parts);
  new ResizeObserver(redraw).observe(image);
  image.onerror = () => image.replaceWith(element("p", { class: "note" }, "The picture is gone: it was older than this box keeps pictures."));
  source(image, `api/evidence/${encodeURIComponent(id)}.jpg`);
  return [image, svg];
}

function more(event) {
  return (event.more_evidence ?? [])
    .filter(({ role }) => role in MORE)
    .map((evidence) => element("figure", {}, shown(evidence), element("figcaption", {}, MORE[evidence.role])));
}

function shown({ evidence_id: id, media_type: type, role }) {
  const address = `api/evidence/${encodeURIComponent(id)}`;
  const moves = type.startsWith("video/");
  const node = moves
    ? element("video", { controls: "", muted: "", playsinline: "", preload: "metadata" })
    : element("img", { alt: `${MORE[role]}, people pixelated` });
  node.onerror = () => node.replaceWith(element("p", { class: "note" }, "It is gone: it was older than this box keeps evidence."));
  source(node, `${address}.${moves ? "webm" : "jpg"}`);
  return node;
}

// ProtoJSON leaves out zeros.
function way(event) {
  return (event.object?.path ?? []).map(({ point }) => [point?.x ?? 0, point?.y ?? 0]);
}

function facts(event, stage) {
  const dwell = seconds(event.dwell);
  const delay = (Date.parse(event.publish_time) - Date.parse(event.capture_time)) / 1000;
  const known = {
    Grade: plain(event.grade),
    State: stage,
    Level: event.level > 1 && `${event.level}, as nobody acknowledged it`,
    Acknowledged: acknowledged(event),
    Note: event.note,
    "Said by": event.who,
    Taken: localTime(new Date(event.capture_time)),
    Object: event.object?.class_name && `${event.object.class_name}, score ${(event.object.score ?? 0).toFixed(2)}`,
    Direction: plain(event.direction),
    "In zone": dwell !== null && span(dwell),
    Confidence: event.confidence !== undefined && `${Math.round(event.confidence * 100)}%`,
    "Decided by": (event.facts ?? []).map(decided).join("; "),
    Stored: delay >= 0 && `${span(delay)} after the picture`,
    Model: event.analysis && computed(event.analysis),
    Event: `${event.sequence} of ${event.box_id}`,
    Alert: event.alert_id,
  };
  return Object.entries(known)
    .filter(([, text]) => text)
    .map(([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, text)));
}
