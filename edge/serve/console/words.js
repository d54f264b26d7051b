// Numbers, times and enum names as people read them.

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
const whole = new Intl.NumberFormat();

// ProtoJSON names an enum value GRADE_RED; people say red.
export const plain = (name = "") => name.slice(name.indexOf("_") + 1).toLowerCase().replaceAll("_", " ");

// An event of the box itself has no camera.
export const origin = ({ camera }) => camera || "box";

// "picodet-s-416 on CPUExecutionProvider in fp32"; an older box says no precision.
export const computed = ({ model, provider, precision }) => `${model} on ${provider}${precision ? ` in ${precision}` : ""}`;

// "by lead, 14:03:12: two men, guard sent"; nothing where nobody has.
export function acknowledged({ acknowledgement }) {
  if (!acknowledgement) return "";
  const { who, note, time } = acknowledgement;
  return `by ${who}, ${localTime(new Date(time))}${note ? `: ${note}` : ""}`;
}

export const number = (value) => whole.format(value);

// A number that decided, for example "dwell 20.4 s (at least 20)".
export function decided({ name, value = 0, unit = "", least, most }) {
  const limits = [least !== undefined && `at least ${short(least)}`, most !== undefined && `at most ${short(most)}`];
  const limit = limits.filter(Boolean).join(", ");
  return `${plain(`_${name}`)} ${short(value)}${unit && ` ${unit}`}${limit && ` (${limit})`}`;
}

const short = (value) => String(Number(value.toPrecision(3)));

// "12.500s" is what ProtoJSON writes for a duration.
export const seconds = (duration) => (duration ? Number.parseFloat(duration) : null);

export function localTime(date) {
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : day.format(date);
}

export function span(s) {
  return s < 10 ? `${s.toFixed(1)} s` : rounded(s);
}

export const ago = (s) => (s < 2 ? "just now" : `${rounded(s)} ago`);

function rounded(s) {
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} days`;
}
