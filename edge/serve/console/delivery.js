// Who reads the box's events, and how far each has come.

import { byId, element } from "./dom.js";
import { number, span } from "./words.js";

const HEADS = ["Reader", "Connection", "Waiting", "Oldest", "Refused", "Acknowledged"];
let shown = "";

export function showDelivery(consumers, last) {
  const now = JSON.stringify([consumers, last]);
  if (now === shown) return;
  shown = now;
  byId("delivery").replaceChildren(consumers.length ? table(consumers, last) : nobody());
}

function nobody() {
  return element("p", { class: "note" }, "Nobody reads the events of this box: they stay here. Add a sink under report in its configuration.");
}

function table(consumers, last) {
  const heads = HEADS.map((name) => element("th", { scope: "col" }, name));
  const rows = consumers.map((consumer) => row(consumer, last));
  return element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
}

function row(consumer, last) {
  const tone = consumer.connected ? "good" : "bad";
  const state = element("span", { class: "badge", "data-tone": tone }, consumer.connected ? "connected" : "not connected");
  const cells = [
    [state, ...(consumer.reason ? [element("span", { class: "reason" }, consumer.reason)] : [])],
    [number(consumer.backlog)],
    [consumer.oldest_age_s === null ? "-" : span(consumer.oldest_age_s)],
    [number(consumer.rejected)],
    [`${number(consumer.acked_sequence)} of ${number(last)}`],
  ];
  const data = cells.map((content, i) => element("td", { "data-head": HEADS[i + 1] }, ...content));
  return element("tr", { "data-consumer": consumer.name }, element("th", { scope: "row" }, consumer.name), ...data);
}
