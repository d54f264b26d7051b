// One card per camera: its newest picture with what was seen in it, and how the camera is.

import { ask } from "./api.js";
import { byId, copyOf, say, show } from "./dom.js";
import { box, draw, rule, title } from "./overlay.js";
import { source } from "./token.js";
import { number, span } from "./words.js";

const STALE_S = 5;
const TONES = { streaming: "good", connecting: "idle", ended: "idle", stopped: "idle" };
const cards = new Map();
const inView = new IntersectionObserver((entries) => {
  for (const entry of entries) entry.target.card.visible = entry.isIntersecting;
});
const resized = new ResizeObserver((entries) => {
  for (const entry of entries) entry.target.card.redraw();
});

// Shows the cameras of a status; makes cards where there are none yet.
export function showCameras(cameras, time) {
  const names = new Set(cameras.map((camera) => camera.name));
  for (const [name, card] of cards) if (!names.has(name)) card.remove();
  for (const camera of cameras) {
    if (!cards.has(camera.name)) cards.set(camera.name, new Card(camera.name));
    cards.get(camera.name).show(camera, time);
  }
}

// `open` maps "camera/rule" of every open alert to its grade: those rules stand out.
export function markOpen(open) {
  for (const card of cards.values()) card.mark(open);
}

// Fetches new pictures for the cards that are in view.
export async function refreshPictures() {
  await Promise.all([...cards.values()].filter((card) => card.wanted).map((card) => card.refresh()));
}

// The box does not answer: what is shown is old.
export function dimCameras() {
  for (const card of cards.values()) card.fade("no connection to the box");
}

class Card {
  constructor(name) {
    this.name = name;
    this.address = `api/cameras/${encodeURIComponent(name)}`;
    this.visible = false;
    this.shapes = null;
    this.objects = [];
    this.open = new Map();
    this.root = copyOf("camera-card");
    this.root.dataset.camera = name;
    this.find = (selector) => this.root.querySelector(selector);
    [this.stage, this.svg, this.empty] = [".stage", ".overlay", ".empty"].map(this.find);
    say(this.find("h3"), name);
    this.root.card = this.stage.card = this;
    byId("cameras").append(this.root);
    inView.observe(this.root);
    resized.observe(this.stage);
  }

  get wanted() {
    return this.visible && this.camera?.staleness_s != null;
  }

  show(camera, time) {
    this.measure(camera, time);
    this.camera = camera;
    const badge = this.find(".badge");
    say(badge, camera.state);
    badge.dataset.tone = TONES[camera.state] ?? "bad";
    const reason = this.find(".reason");
    say(reason, camera.reason);
    show(reason, camera.reason !== "");
    const age = camera.staleness_s;
    this.tell({ age: age == null ? "-" : `${span(age)} ago`, dropped: number(camera.dropped), reconnects: number(camera.reconnects) });
    say(this.empty, camera.state === "streaming" ? "Waiting for the first picture ..." : `No picture: ${camera.state}`);
    this.fade(age != null && age > STALE_S ? `picture is ${span(age)} old` : "");
  }

  // Frames per second, from two statuses some seconds apart.
  measure(camera, time) {
    this.seen ??= [];
    this.seen = [...this.seen, [time, camera.frames]].filter(([when]) => time - when < 8);
    const [[start, first]] = this.seen;
    const known = time - start > 1.5 && camera.frames >= first;
    this.tell({ fps: known ? `${((camera.frames - first) / (time - start)).toFixed(1)} fps` : "-" });
  }

  tell(values) {
    for (const [name, text] of Object.entries(values)) say(this.find(`[data-value=${name}]`), text);
  }

  fade(why) {
    this.root.classList.toggle("faded", why !== "");
    const note = this.find(".stale");
    say(note, why);
    show(note, why !== "" && this.picture !== undefined);
  }

  mark(open) {
    this.open = open;
    const grades = [...open].filter(([key]) => key.startsWith(`${this.name}/`)).map(([, grade]) => grade);
    this.root.dataset.grade = ["red", "yellow", "blue"].find((grade) => grades.includes(grade)) ?? "";
    this.redraw();
  }

  // The boxes and the very picture they were found in; the element is changed once it is decoded.
  async refresh() {
    try {
      this.shapes ??= (await ask(`${this.address}/overlay`)).shapes;
      const seen = await ask(`${this.address}/boxes`);
      if (seen.frame === this.frame) return;
      const picture = new Image(seen.width, seen.height);
      picture.alt = `Newest picture of camera ${this.name}, people pixelated`;
      await source(picture, `${this.address}/picture.jpg?frame=${seen.frame}`);
      await picture.decode();
      this.put(picture, seen);
    } catch {
      // The status says what is wrong; the next turn tries again.
    }
  }

  put(picture, seen) {
    if (this.picture) this.picture.replaceWith(picture);
    else this.stage.prepend(picture);
    this.stage.style.aspectRatio = `${seen.width} / ${seen.height}`;
    [this.picture, this.frame, this.objects] = [picture, seen.frame, seen.objects];
    this.stage.dataset.frame = seen.frame;
    show(this.empty, false);
    this.redraw();
  }

  redraw() {
    const shapes = this.shapes ?? [];
    const rules = shapes.map((one) => rule(one, this.open.has(`${this.name}/${one.name}`)));
    draw(this.svg, [...rules, ...this.objects.map(box), ...shapes.map(title)]);
  }

  remove() {
    inView.unobserve(this.root);
    resized.unobserve(this.stage);
    this.root.remove();
    cards.delete(this.name);
  }
}
