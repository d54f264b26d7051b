// Draws over a picture: zones, tripwires with their directions, boxes, paths. All coordinates come as 0..1.

import { shape } from "./dom.js";

const ARROW = 26;
const LETTER = 6.6; // mean width of the label font
const LINE = 17; // height of a label

// Fits the drawing to the size its element really has, so that text and arrows keep theirs.
export function draw(svg, parts) {
  const { clientWidth: width, clientHeight: height } = svg;
  if (!width || !height) return;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(...parts.flatMap((part) => part(width, height)));
}

// `rule` is what /overlay tells; `alarmed` while one of its alerts is open.
export function rule(rule, alarmed) {
  return (width, height) => {
    const points = rule.points.map(([x, y]) => [x * width, y * height]);
    const marks = rule.direction ? tripwire(points, rule.direction) : zone(points);
    return shape("g", { class: `rule ${rule.type} ${rule.grade}${alarmed ? " alarmed" : ""}`, "data-rule": rule.name }, ...marks);
  };
}

// Names of rules come last: no box may hide them.
export function title(rule) {
  return (width, height) => {
    const [x, y] = rule.direction ? rule.points[0] : highest(rule.points);
    return shape("g", { class: rule.grade }, label(rule.name, [x * width, y * height], width, height));
  };
}

export function box({ class_name: name, score, box: [x1, y1, x2, y2] }) {
  return (width, height) => {
    const [left, top] = [x1 * width, y1 * height];
    const size = { x: left, y: top, width: (x2 - x1) * width, height: (y2 - y1) * height };
    const text = `${name} ${Math.round(score * 100)}%`;
    return shape("g", { class: "box", "data-class": name }, shape("rect", size), label(text, [left, top - LINE], width, height));
  };
}

// Where something is. ProtoJSON leaves out zeros.
export function outline({ left = 0, top = 0, right = 0, bottom = 0 }) {
  return (width, height) => {
    const size = { x: left * width, y: top * height, width: (right - left) * width, height: (bottom - top) * height };
    return shape("g", { class: "box" }, shape("rect", size));
  };
}

// The way an object went: a dot where it was first seen, an arrow where it was last.
export function path(points) {
  return (width, height) => {
    const placed = points.map(([x, y]) => [x * width, y * height]);
    const [first, last] = [placed[0], placed.at(-1)];
    const before = placed.findLast(([x, y]) => Math.hypot(last[0] - x, last[1] - y) > 8) ?? first;
    const marks = [...halo("polyline", { points: list(placed) }), shape("circle", { cx: first[0], cy: first[1], r: 5 })];
    if (last !== first) marks.push(head(last, [last[0] - before[0], last[1] - before[1]]));
    return shape("g", { class: "path" }, ...marks);
  };
}

function zone(points) {
  return halo("polygon", { points: list(points) });
}

// Inward is to the right hand of somebody who stands on the first point and looks along the line.
function tripwire(points, direction) {
  const half = Math.floor((points.length - 1) / 2);
  const [start, end] = [points[half], points[half + 1]];
  const along = [end[0] - start[0], end[1] - start[1]];
  const middle = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2];
  const right = scaled([-along[1], along[0]], ARROW);
  const marks = halo("polyline", { points: list(points) });
  if (direction !== "outward") marks.push(...arrow(middle, right, "inward"));
  if (direction !== "inward") marks.push(...arrow(middle, [-right[0], -right[1]], "outward"));
  return marks;
}

function arrow([x, y], way, direction) {
  const tip = [x + way[0], y + way[1]];
  const shaft = halo("line", { x1: x, y1: y, x2: tip[0], y2: tip[1] });
  return [shape("g", { class: "arrow", "data-direction": direction }, ...shaft, head(tip, way))];
}

function head([x, y], way) {
  const [dx, dy] = scaled(way, 6);
  const corners = [[x + 1.6 * dx, y + 1.6 * dy], [x - dy, y + dx], [x + dy, y - dx]];
  return shape("polygon", { class: "head", points: list(corners) });
}

// Every stroke has a dark one under it: it must be seen on snow and at night.
function halo(tag, attributes) {
  return [shape(tag, { class: "under", ...attributes }), shape(tag, { class: "over", ...attributes })];
}

function label(text, [x, y], width, height) {
  const wide = text.length * LETTER + 10;
  const left = Math.max(0, Math.min(x, width - wide));
  const top = Math.max(0, Math.min(y, height - LINE));
  const words = shape("text", { x: left + 5, y: top + 12.5 }, text);
  return shape("g", { class: "label" }, shape("rect", { x: left, y: top, width: wide, height: LINE, rx: 2 }), words);
}

const list = (points) => points.map((point) => point.map((value) => value.toFixed(1)).join(",")).join(" ");

const highest = (points) => points.reduce((best, point) => (point[1] < best[1] ? point : best));

function scaled([x, y], length) {
  const size = Math.hypot(x, y) || 1;
  return [(x / size) * length, (y / size) * length];
}
