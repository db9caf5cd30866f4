// What all widgets share: elements, controls, numbers and charts.
// `module_text` in browser.py puts this file in front of each widget's module.

export const RNN = "#D55E00";
export const DARK = "#222222";
export const BLUE = "#0072B2";

export const STYLE = `
.course-widget { font-family: system-ui, sans-serif; font-size: 15px; line-height: 1.4; max-width: 760px;
  background: #fff; color: #222; border: 1px solid #ccc; border-radius: 6px; padding: 10px 14px; box-sizing: border-box; }
.course-widget svg { width: 100%; height: auto; display: block; }
.course-widget svg svg { overflow: hidden; }
.course-widget svg text { fill: #222; font-family: system-ui, sans-serif; }
.course-widget .row { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: center; margin: 6px 0; }
.course-widget .panels { display: flex; flex-wrap: wrap; gap: 6px 18px; align-items: flex-start; }
.course-widget .panels > * { flex: 1 1 280px; min-width: 0; }
.course-widget .panels > .wide { flex: 3 1 340px; }
.course-widget .panels > .narrow { flex: 2 1 240px; }
.course-widget .key { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 4px 0; font-size: 14px; }
.course-widget .key span { display: inline-flex; gap: 6px; align-items: center; }
.course-widget .key svg { width: 30px; height: 12px; flex: none; }
.course-widget label { display: inline-flex; gap: 6px; align-items: center; color: #222; }
.course-widget .stacked label { display: grid; grid-template-columns: 1fr auto; width: 100%; gap: 0 6px; }
.course-widget .stacked label input { grid-column: 1 / -1; width: 100%; margin: 2px 0; }
.course-widget label.film { flex: 1 1 230px; }
.course-widget label.film input { flex: 1 1 auto; min-width: 60px; }
.course-widget output { min-width: 3.2em; font-variant-numeric: tabular-nums; }
.course-widget .stacked output { grid-row: 1; grid-column: 2; min-width: 0; }
.course-widget button, .course-widget select { font: inherit; color: #222; background: #f3f3f3; border: 1px solid #555;
  border-radius: 4px; }
.course-widget button { padding: 4px 12px; }
.course-widget select { min-width: 0; max-width: 100%; }
.course-widget label.menu { flex-wrap: wrap; max-width: 100%; }
.course-widget button:disabled { color: #6b6b6b; border-color: #bbb; }
.course-widget button:focus-visible, .course-widget input:focus-visible,
.course-widget select:focus-visible { outline: 3px solid #0072B2; }
.course-widget .told { font-variant-numeric: tabular-nums; min-height: 1.5em; margin: 4px 0; }
@media (forced-colors: active) { /* a theme of high contrast takes the page's colours, but not those of a drawing */
  .course-widget svg, .course-widget canvas { forced-color-adjust: none; background: #fff; } }`;

const SVG = ["svg", "rect", "line", "text", "path", "circle", "marker", "defs", "g", "image"];

// An element with its attributes and its text.
export function tag(name, attributes = {}, text = "") {
  const element = SVG.includes(name) ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

export function inside(element, ...children) {
  element.append(...children);
  return element;
}

export const box = (kind, ...children) => inside(tag("div", { class: kind }), ...children);

// What a widget stands in. JupyterLab would take the arrow keys for itself.
export function frame(kind, name) {
  const root = tag("div", {
    class: `course-widget ${kind}`, role: "group", "aria-label": name, "data-lm-suppress-shortcuts": "true",
  });
  root.addEventListener("keydown", (event) => event.stopPropagation());
  return inside(root, tag("style", {}, STYLE));
}

// What a live notebook calls: the widget, and below it how what it shows was trained, where there is something to say.
// read: what `mount` is given of the model.
export const hosted = (mount, read = (model) => model.get("params")) => ({ model, el }) => {
  const end = mount(el, read(model));
  const line = tag("div");
  line.innerHTML = model.get("settings"); // written and escaped by Python
  if (line.innerHTML) el.append(line);
  return end;
};

// The line that tells the numbers, read aloud when they change.
export const teller = () => tag("div", { class: "told", "aria-live": "polite" });

export function button(text, act) {
  const element = tag("button", { type: "button" }, text);
  element.addEventListener("click", act);
  return element;
}

// A slider that writes p[key]; it shows whole numbers where its step is whole.
export function slider(p, key, name, update, [min, max, step] = [-2, 2, 0.05]) {
  const shown = (value) => (Number.isInteger(step) ? whole(value) : fixed(value));
  const input = tag("input", { type: "range", min, max, step, value: p[key], "data-key": key });
  const output = tag("output", { "aria-live": "off" }, shown(p[key])); // the slider itself is read aloud
  input.addEventListener("input", () => {
    p[key] = Number(input.value);
    output.textContent = shown(p[key]);
    update();
  });
  return inside(tag("label"), tag("span", {}, name), input, output);
}

// A menu that writes p[key]. items: [value, text] each.
export function menu(p, key, name, items, update) {
  const select = tag("select", { "data-key": key });
  select.append(...items.map(([value, text]) => tag("option", { value }, text)));
  select.value = p[key];
  select.addEventListener("change", () => {
    p[key] = select.value;
    update();
  });
  return inside(tag("label", { class: "menu" }), tag("span", {}, name), select);
}

// Which line is which: [text, attributes of its line, "line" or "circle" or "rect"] each.
export function key(items) {
  return box("key", ...items.map(([text, attributes, shape = "line"]) => {
    const places = { line: { x1: 1, x2: 29, y1: 6, y2: 6 }, circle: { cx: 15, cy: 6, r: 5 },
      rect: { x: 1, y: 1, width: 28, height: 10 } };
    const sample = tag("svg", { viewBox: "0 0 30 12", "aria-hidden": "true" });
    return inside(tag("span"), inside(sample, tag(shape, { ...places[shape], ...attributes })), text);
  }));
}

export const sigmoid = (value) => 1 / (1 + Math.exp(-value));

const minus = (text) => text.replace(/-/g, "−");

export const fixed = (value, digits = 2) => minus(value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1"));

export const whole = (value) => minus(String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ","));

// Three significant digits and no trailing zeros, as display/numbers.py writes them.
export function short(value, digits = 3) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
  const [mantissa, power] = value.toExponential(digits - 1).split("e").map(Number);
  if (power < -3 || power >= 7) return minus(`${mantissa}e${power}`);
  const [before, after = ""] = Number(`${mantissa}e${power}`).toFixed(Math.max(digits - 1 - power, 0)).split(".");
  const decimals = after.replace(/0+$/, "");
  return minus(before.replace(/\B(?=(\d{3})+$)/g, ",") + (decimals && `.${decimals}`));
}

// 10 to a power that no float may hold, such as "4e−1085"; null is the power of 0.
export function power(log) {
  if (log === null) return "exactly 0";
  if (log > -4 && log < 6) return short(10 ** log, 2);
  let exponent = Math.floor(log);
  let digit = Math.round(10 ** (log - exponent));
  if (digit === 10) [digit, exponent] = [1, exponent + 1];
  return minus(`${digit}e${exponent}`);
}

export const decade = (log) => (log > -4 && log < 5 ? short(10 ** log) : minus(`1e${log}`));

// Round numbers from low to high, about so many.
export function ticks(low, high, about = 5, smallest = 0) {
  const size = 10 ** Math.floor(Math.log10((high - low) / about));
  const step = Math.max(smallest, size * [1, 2, 5, 10].find((n) => (high - low) / (n * size) <= about));
  const found = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; n++) found.push(n * step);
  return found;
}

export const WIDE = 360; // units across each chart; on a phone a unit is a little less than a pixel
const EDGE = { left: 52, right: 20, top: 28, bottom: 42 };

// Empty axes. x and y: { range: [low, high], label, ticks, name }. What is appended to `plot` ends at the axes.
// With a smaller `lower` edge, such as 9 where x has neither ticks nor label, charts stand closer together.
export function chart(label, height, x, y, lower = EDGE.bottom) {
  const svg = tag("svg", { viewBox: `0 0 ${WIDE} ${height}`, role: "img", "aria-label": label });
  const [right, bottom] = [WIDE - EDGE.right, height - lower];
  const place = (range, from, to) => (value) => from + ((value - range[0]) / (range[1] - range[0])) * (to - from);
  const [X, Y] = [place(x.range, EDGE.left, right), place(y.range, bottom, EDGE.top)];
  const area = { x: EDGE.left, y: EDGE.top, width: right - EDGE.left, height: bottom - EDGE.top };
  svg.append(tag("rect", { ...area, fill: "#fff", stroke: "#999" }));
  const write = (left, top, anchor, text) => text &&
    svg.append(tag("text", { x: left, y: top, "text-anchor": anchor, "font-size": 13 }, text));
  for (const value of x.ticks ?? ticks(...x.range)) {
    svg.append(tag("line", { x1: X(value), x2: X(value), y1: EDGE.top, y2: bottom, stroke: "#e4e4e4" }));
    const text = (x.name ?? short)(value);
    write(Math.min(X(value), WIDE - 4 * text.length), bottom + 18, "middle", text); // the last one ends with the picture
  }
  for (const value of y.ticks ?? ticks(...y.range)) {
    svg.append(tag("line", { x1: EDGE.left, x2: right, y1: Y(value), y2: Y(value), stroke: "#e4e4e4" }));
    write(EDGE.left - 5, Y(value) + 4, "end", (y.name ?? short)(value));
  }
  write(4, 14, "start", y.label);
  write(right, bottom + 35, "end", x.label);
  const plot = tag("svg", { ...area, viewBox: Object.values(area).join(" ") });
  svg.append(plot);
  const holds = (left, top) => left >= x.range[0] && left <= x.range[1] && top >= y.range[0] && top <= y.range[1];
  return { svg, plot, X, Y, holds };
}

// A line through points [x, y] in the units of the axes.
export function curve({ X, Y, plot }, points, attributes) {
  const d = points.map(([x, y], n) => `${n ? "L" : "M"}${X(x).toFixed(2)} ${Y(y).toFixed(2)}`).join("");
  plot.append(tag("path", { d, fill: "none", stroke: DARK, "stroke-width": 2, ...attributes }));
}

// A dot, whole also where it stands on an edge of the axes; none outside.
export function dot({ X, Y, svg, holds }, [x, y], attributes) {
  if (holds(x, y)) svg.append(tag("circle", { cx: X(x), cy: Y(y), r: 5, stroke: DARK, "stroke-width": 1.5, ...attributes }));
}

// Numbers in [0, 1) from a seed: mulberry32 (Tommy Ettinger, public domain).
export function uniform(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
