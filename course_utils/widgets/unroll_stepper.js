// One recurrent unit, unrolled over time and stepped through.
// params: { inputs: { name: [x_1, …, x_T] }, choice, w_x, w_h, b }

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

const STYLE = `
.unroll { font-family: system-ui, sans-serif; font-size: 15px; max-width: 760px; background: #fff; color: #222;
  border: 1px solid #ccc; border-radius: 6px; padding: 10px 14px; }
.unroll svg { width: 100%; height: auto; display: block; }
.unroll .row { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: center; margin: 6px 0; }
.unroll label { display: inline-flex; gap: 6px; align-items: center; }
.unroll output { min-width: 3.2em; font-variant-numeric: tabular-nums; }
.unroll button { font: inherit; padding: 4px 12px; border: 1px solid #555; border-radius: 4px; background: #f3f3f3; color: #222; }
.unroll button:disabled { color: #6b6b6b; border-color: #bbb; }
.unroll button:focus-visible, .unroll input:focus-visible, .unroll select:focus-visible { outline: 3px solid #0072B2; }
.unroll .told { font-variant-numeric: tabular-nums; min-height: 1.5em; }`;

const number = (v) => v.toFixed(2).replace("-", "−");
const factor = (v) => (v < 0 ? `(${number(v)})` : number(v)); // within a sum of products
const sub = (n) => String(n).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[d]);

function tag(name, attributes = {}, text = "") {
  const svg = ["svg", "rect", "line", "text", "path", "marker", "defs", "g"].includes(name);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

// One bar inside a box: up and blue for positive, down and orange for negative values, at most size 1.
function bar(x, middle, value, half) {
  const height = Math.min(Math.abs(value), 1) * half;
  return tag("rect", {
    x, width: 44, height, y: value >= 0 ? middle - height : middle, fill: value >= 0 ? "#56B4E9" : "#E69F00",
  });
}

function box(svg, x, y, half, value, known, label) {
  svg.append(tag("rect", { x, y: y - half, width: 44, height: 2 * half, fill: "#f7f7f7", stroke: "#999" }));
  if (known) svg.append(bar(x, y, value, half));
  svg.append(tag("line", { x1: x, x2: x + 44, y1: y, y2: y, stroke: "#999" }));
  svg.append(tag("text", { x: x + 22, y: y + half + 15, "text-anchor": "middle", "font-size": 13 },
    known ? `${label} ${number(value)}` : label));
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
    box(svg, left, 52, 36, states[i], done, `h${sub(i + 1)}`);
    box(svg, left, 200, 24, x, true, `x${sub(i + 1)}`);
  });
  const now = step ? `Step ${step} of ${xs.length}, state ${number(states[step - 1])}.` : "Nothing read yet, the state is 0.";
  svg.setAttribute("aria-label", `A recurrent unit unrolled over ${xs.length} steps. ${now}`);
}

function told(p, xs, states, step) {
  if (!step) return "h₀ = 0: nothing has been read. Press Step.";
  const before = step > 1 ? states[step - 2] : 0;
  return `h${sub(step)} = tanh(${factor(p.w_x)} · x${sub(step)} + ${factor(p.w_h)} · h${sub(step - 1)} + ${factor(p.b)})` +
    ` = tanh(${factor(p.w_x)} · ${factor(xs[step - 1])} + ${factor(p.w_h)} · ${factor(before)} + ${factor(p.b)})` +
    ` = ${number(states[step - 1])}`;
}

function slider(p, key, name, update) {
  const label = tag("label", {}, name);
  const input = tag("input", { type: "range", min: -2, max: 2, step: 0.05, value: p[key], "data-key": key });
  const shown = tag("output", {}, number(p[key]));
  input.addEventListener("input", () => { p[key] = Number(input.value); shown.textContent = number(p[key]); update(); });
  label.append(input, shown);
  return label;
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
  const root = tag("div", { class: "unroll", role: "group", "aria-label": "Unroll stepper", "data-lm-suppress-shortcuts": "true" });
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab would take the arrow keys for itself
  const svg = tag("svg", { role: "img" });
  const text = tag("div", { class: "told", "aria-live": "polite" });
  const go = (change) => () => { step = change(step); update(); };
  const back = tag("button", { type: "button" }, "◀ Back");
  const forward = tag("button", { type: "button" }, "Step ▶");
  const all = tag("button", { type: "button" }, "To the end");
  const reset = tag("button", { type: "button" }, "Start again");
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
  back.addEventListener("click", go((s) => s - 1));
  forward.addEventListener("click", go((s) => s + 1));
  all.addEventListener("click", go(() => p.inputs[p.choice].length));
  reset.addEventListener("click", go(() => 0));
  const buttons = tag("div", { class: "row" });
  buttons.append(back, forward, all, reset, chooser(p, go(() => 0)));
  const sliders = tag("div", { class: "row" });
  sliders.append(slider(p, "w_x", "input weight w_x", update), slider(p, "w_h", "state weight w_h", update), slider(p, "b", "bias b", update));
  root.append(tag("style", {}, STYLE), svg, text, buttons, sliders);
  element.append(root);
  update();
}

function render({ model, el }) {
  mount(el, model.get("params"));
}

export default { render };
