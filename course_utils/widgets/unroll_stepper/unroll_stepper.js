// One recurrent unit, unrolled over time and stepped through.
// params: { inputs: { name: [x_1, …, x_T] }, choice, w_x, w_h, b }

import { box, button, fixed, frame, hosted, slider, tag, teller } from "../shared/common.js";

// The states h_1 … h_T of h_t = tanh(w_x x_t + w_h h_(t-1) + b), with h_0 = 0.
export function compute({ inputs, choice, w_x, w_h, b }) {
  const states = [];
  let h = 0;
  for (const x of inputs[choice]) {
    h = Math.tanh(w_x * x + w_h * h + b);
    states.push(h);
  }
  return states;
}

const factor = (v) => (v < 0 ? `(${fixed(v)})` : fixed(v)); // within a sum of products
const sub = (n) => String(n).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[d]);

// One bar inside a box: up and blue for positive, down and orange for negative values, at most size 1.
function bar(x, middle, value, half) {
  const height = Math.min(Math.abs(value), 1) * half;
  return tag("rect", {
    x, width: 44, height, y: value >= 0 ? middle - height : middle, fill: value >= 0 ? "#56B4E9" : "#E69F00",
  });
}

function cell(svg, x, y, half, value, known, label) {
  svg.append(tag("rect", { x, y: y - half, width: 44, height: 2 * half, fill: "#f7f7f7", stroke: "#999" }));
  if (known) svg.append(bar(x, y, value, half));
  svg.append(tag("line", { x1: x, x2: x + 44, y1: y, y2: y, stroke: "#999" }));
  svg.append(tag("text", { x: x + 22, y: y + half + 15, "text-anchor": "middle", "font-size": 13 },
    known ? `${label} ${fixed(value)}` : label));
}

function arrow(svg, x1, y1, x2, y2, live) {
  svg.append(tag("line", {
    x1, y1, x2, y2, stroke: live ? "#D55E00" : "#bbb", "stroke-width": live ? 2.5 : 1.5, "marker-end": "url(#unroll-tip)",
  }));
}

function draw(svg, xs, states, step) {
  svg.replaceChildren();
  const defs = tag("defs");
  const marker = tag("marker", { id: "unroll-tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 5, markerHeight: 5, orient: "auto" });
  marker.append(tag("path", { d: "M0 0 L8 4 L0 8 z", fill: "context-stroke" }));
  defs.append(marker);
  svg.append(defs);
  const pitch = 720 / xs.length;
  svg.setAttribute("viewBox", "0 0 740 250");
  xs.forEach((x, i) => {
    const left = 10 + i * pitch + (pitch - 44) / 2;
    const done = i < step;
    arrow(svg, left + 22, 174, left + 22, 108, i === step - 1);
    if (i > 0) arrow(svg, left - pitch + 46, 52, left - 2, 52, i === step - 1);
    cell(svg, left, 52, 36, states[i], done, `h${sub(i + 1)}`);
    cell(svg, left, 200, 24, x, true, `x${sub(i + 1)}`);
  });
  const now = step ? `Step ${step} of ${xs.length}, state ${fixed(states[step - 1])}.` : "Nothing read yet, the state is 0.";
  svg.setAttribute("aria-label", `A recurrent unit unrolled over ${xs.length} steps. ${now}`);
}

function told(p, xs, states, step) {
  if (!step) return "h₀ = 0: nothing has been read. Press Step.";
  const before = step > 1 ? states[step - 2] : 0;
  return `h${sub(step)} = tanh(${factor(p.w_x)} · x${sub(step)} + ${factor(p.w_h)} · h${sub(step - 1)} + ${factor(p.b)})` +
    ` = tanh(${factor(p.w_x)} · ${factor(xs[step - 1])} + ${factor(p.w_h)} · ${factor(before)} + ${factor(p.b)})` +
    ` = ${fixed(states[step - 1])}`;
}

function chooser(p, restart) {
  const label = tag("label", {}, "inputs");
  const select = tag("select");
  for (const name of Object.keys(p.inputs)) select.append(tag("option", { value: name }, name));
  select.value = p.choice;
  select.addEventListener("change", () => { p.choice = select.value; restart(); });
  label.append(select);
  return label;
}

export function mount(element, params) {
  const p = { ...params };
  let step = 0;
  const root = frame("unroll", "Unroll stepper");
  const svg = tag("svg", { role: "img" });
  const text = teller();
  const go = (change) => () => { step = change(step); update(); };
  const back = button("◀ Back", go((s) => s - 1));
  const forward = button("Step ▶", go((s) => s + 1));
  const all = button("To the end", go(() => p.inputs[p.choice].length));
  const reset = button("Start again", go(() => 0));
  function update() {
    const xs = p.inputs[p.choice];
    const states = compute(p);
    draw(svg, xs, states, step);
    text.textContent = told(p, xs, states, step);
    back.disabled = reset.disabled = step === 0;
    forward.disabled = all.disabled = step === xs.length;
    root.dataset.step = step;
    root.dataset.states = JSON.stringify(states);
  }
  const names = { w_x: "input weight w_x", w_h: "state weight w_h", b: "bias b" };
  const sliders = Object.entries(names).map(([name, text]) => slider(p, name, text, update));
  root.append(svg, text, box("row", back, forward, all, reset, chooser(p, go(() => 0))), box("row", ...sliders));
  element.append(root);
  update();
}

const render = hosted(mount);

export default { render };
