// One LSTM unit with one input: its gates on sliders, its cell c and its state h over time.
// params: { inputs: { name: [x_1, …, x_T] }, choice, b_i, w_i, b_f, w_f, b_o, w_o, w_g, no_forget_gate,
//           presets: { name: { b_i, … } }, ranges: { b_i: [min, max, step], … } }

import {
  BLUE, DARK, box, button, chart, curve, dot, frame, hosted, inside, key, menu, short, sigmoid, slider, tag, teller,
  ticks,
} from "../shared/common.js";

// The numbers after each step, from c = h = 0; the weights from h are 0.
export function compute({ inputs, choice, no_forget_gate, ...weights }) {
  const run = { i: [], f: [], g: [], o: [], c: [], h: [] };
  let c = 0;
  for (const x of inputs[choice]) {
    const gate = (name) => sigmoid(weights[`w_${name}`] * x + weights[`b_${name}`]);
    const now = { i: gate("i"), f: no_forget_gate ? 1 : gate("f"), g: Math.tanh(weights.w_g * x), o: gate("o") };
    c = now.f * c + now.i * now.g;
    Object.assign(now, { c, h: now.o * Math.tanh(c) });
    for (const [name, value] of Object.entries(now)) run[name].push(value);
  }
  return run;
}

const resting = ({ no_forget_gate, b_f }) => (no_forget_gate ? 1 : sigmoid(b_f)); // the forget gate where x is 0

// After how many steps with a forget gate of f half of the cell is left.
const halfLife = (f) => (f === 1 ? Infinity : Math.log(0.5) / Math.log(f));

const LITTLE = 0.05; // a state h below this shows hardly anything

// What became of the cell and of the state, in one sentence.
export function verdict({ c, h }) {
  const sizes = c.map(Math.abs);
  const [top, last] = [Math.max(...sizes), c.length - 1];
  const peak = sizes.indexOf(top);
  if (top < LITTLE) return `Hardly anything is stored: |c| is never above ${short(top)}.`;
  const end = peak === last ? ", the last, where it is largest"
    : `, where it is largest, and ${short(c[last])} at the end`;
  const shown = Math.max(...h.map(Math.abs));
  const hidden = shown < LITTLE ? `; |h| is never above ${short(shown)}` : "";
  return `c is ${short(c[peak])} at step ${peak + 1}${end}${hidden}.`;
}

const equals = (name, value) => `${name}\u00a0=\u00a0${short(value)}`; // no break within

const factor = (value) => (value < 0 ? `(${short(value)})` : short(value)); // within a product

function told(p, run, t) {
  const xs = p.inputs[p.choice];
  const [i, f, g, o, c, h] = Object.values(run).map((values) => values[t]);
  const before = t ? run.c[t - 1] : 0;
  const life = halfLife(resting(p));
  return [
    `Step ${t + 1} of ${xs.length}, ${equals("x", xs[t])}: gates ${equals("i", i)}, ${equals("f", f)}, ` +
      `${equals("o", o)}; candidate ${equals("g", g)}.`,
    `c = f · c before + i · g = ${short(f)} · ${factor(before)} + ${short(i)} · ${factor(g)} =\u00a0${short(c)}.`,
    `h = o · tanh(c) = ${short(o)} · tanh(${short(c)}) =\u00a0${short(h)}.`,
    `Without input f is ${short(resting(p))}: ` +
      (life === Infinity ? "c stays as it is." : `c halves in ${short(life)} step${short(life) === "1" ? "" : "s"}.`),
    verdict(run),
  ];
}

const GATES = [["i", "input"], ["f", "forget"], ["o", "output"]];

// Axes over all steps, with a band at step t.
function over(count, t, label, height, y, last = false) {
  const x = { range: [0.5, count + 0.5], label: last ? "step" : "", ticks: last ? ticks(1, count, 8, 1) : [] };
  const axes = chart(label, height, x, y, last ? undefined : 9);
  axes.plot.append(tag("rect", { x: axes.X(t + 0.5), y: 0, width: axes.X(1) - axes.X(0), height, fill: "#ffe9a8" }));
  return axes;
}

// A bar from `low` to `high` at step t.
function bar({ X, Y, plot }, t, low, high, look) {
  const [top, bottom] = [Y(Math.max(low, high)), Y(Math.min(low, high))];
  plot.append(tag("rect", { x: X(t + 0.6), y: top, width: 0.8 * (X(1) - X(0)), height: bottom - top, ...look }));
}

function inputs(p, t) {
  const xs = p.inputs[p.choice];
  const range = [Math.min(0, ...xs), Math.max(1, ...xs)].map((x) => 1.1 * x);
  const axes = over(xs.length, t, `Input x over ${xs.length} steps; ${short(xs[t])} at step ${t + 1}.`, 96,
    { range, ticks: ticks(...range, 3), label: "input x" });
  xs.forEach((x, k) => bar(axes, k, 0, x, { fill: "#777" }));
  curve(axes, [[0, 0], [xs.length + 1, 0]], { "stroke-width": 1 });
  return axes.svg;
}

// Three rows of cells, each filled as far as its gate is open.
function gates(run, t) {
  const now = GATES.map(([gate, name]) => `${name} ${short(run[gate][t])}`).join(", ");
  const name = (row) => `${GATES[2.5 - row][0]} ${run[GATES[2.5 - row][0]][t].toFixed(2)}`;
  const axes = over(run.c.length, t, `The gates over ${run.c.length} steps; at step ${t + 1}: ${now}.`, 154,
    { range: [0, 3], ticks: [0.5, 1.5, 2.5], name, label: "gates: input i, forget f, output o; full is 1" });
  GATES.forEach(([gate], row) => run[gate].forEach((value, k) => {
    const low = 2.1 - row;
    const edge = k === t ? { stroke: DARK, "stroke-width": 1.5 } : { stroke: "#999" };
    bar(axes, k, low, low + 0.8, { fill: "#f3f3f3", ...edge });
    bar(axes, k, low, low + 0.8 * value, { fill: BLUE });
  }));
  return axes.svg;
}

const CELL = { stroke: BLUE, "stroke-width": 2.5 };
const STATE = { stroke: DARK, "stroke-width": 2, "stroke-dasharray": "5 3" };

function states({ c, h }, t) {
  const values = [...c, ...h];
  const range = [Math.min(0, ...values), Math.max(1, ...values)].map((value) => 1.1 * value);
  const axes = over(c.length, t, `Cell c and state h over ${c.length} steps; at step ${t + 1} c is ${short(c[t])}, ` +
    `h ${short(h[t])}.`, 190, { range, ticks: ticks(...range, 5), label: "cell c and state h" }, true);
  curve(axes, [[0, 0], [c.length + 1, 0]], { "stroke-width": 1 });
  for (const [line, look] of [[c, CELL], [h, STATE]]) {
    curve(axes, line.map((value, k) => [k + 1, value]), look);
    dot(axes, [t + 1, line[t]], { fill: look.stroke, stroke: "#fff" });
  }
  return axes.svg;
}

const NAMES = { b_i: "input gate: bias", w_i: "input gate: weight of x", b_f: "forget gate: bias",
  w_f: "forget gate: weight of x", b_o: "output gate: bias", w_o: "output gate: weight of x",
  w_g: "candidate: weight of x" };
const SETTINGS = [...Object.keys(NAMES), "no_forget_gate"];
const OWN = "your own";

// The preset that the sliders stand at.
function presetOf(p) {
  const found = Object.entries(p.presets).find(([, values]) => SETTINGS.every((name) => values[name] === p[name]));
  return found ? found[0] : OWN;
}

// The box that takes the forget gate away.
function gateless(p, update) {
  const input = tag("input", { type: "checkbox", "data-key": "no_forget_gate" });
  input.addEventListener("change", () => { p.no_forget_gate = input.checked; update(); });
  return { label: inside(tag("label"), input, tag("span", {}, "no forget gate: f = 1")), input };
}

export function mount(element, params) {
  const p = { ...params };
  const chosen = { preset: presetOf(p), step: 1 };
  const root = frame("gate-explorer", "Gate explorer");
  const [charts, sliders, text] = [box(""), box("stacked"), teller()];
  text.style.minHeight = "10em"; // so that what stands below it on a phone stays where it is
  const arrange = () => {
    const one = ([name, label]) => slider(p, name, label, update, p.ranges[name]);
    sliders.replaceChildren(...Object.entries(NAMES).map(one));
    update();
  };
  const step = slider(chosen, "step", "step", update, [1, p.inputs[p.choice].length, 1]);
  step.classList.add("film");
  const go = (change) => () => { chosen.step += change; update(); };
  const [back, next] = [button("◀ Back", go(-1)), button("Step ▶", go(1))];
  const settings = [...Object.keys(p.presets), OWN].map((name) => [name, name]);
  const presets = menu(chosen, "preset", "setting", settings, () => {
    Object.assign(p, p.presets[chosen.preset]);
    arrange();
  });
  const sequences = menu(p, "choice", "inputs", Object.keys(p.inputs).map((name) => [name, name]), update);
  const without = gateless(p, update);
  function update() {
    const run = compute(p);
    const count = run.c.length;
    chosen.step = Math.min(chosen.step, count);
    const t = chosen.step - 1;
    charts.replaceChildren(inputs(p, t), gates(run, t), states(run, t));
    text.replaceChildren(...told(p, run, t).map((line) => tag("div", {}, line)));
    Object.assign(step.querySelector("input"), { max: count, value: chosen.step });
    step.querySelector("output").textContent = chosen.step;
    [back.disabled, next.disabled] = [t === 0, t === count - 1];
    without.input.checked = p.no_forget_gate;
    for (const name of ["b_f", "w_f"]) sliders.querySelector(`[data-key="${name}"]`).disabled = p.no_forget_gate;
    presets.querySelector("select").value = presetOf(p);
    Object.assign(root.dataset, { step: chosen.step, c: run.c[t], h: run.h[t], halfLife: halfLife(resting(p)) });
  }
  const band = { fill: "#ffe9a8", stroke: "#999" };
  const legend = key([["cell c", CELL], ["state h", STATE], ["the step described", band, "rect"]]);
  const left = inside(box("wide"), charts, legend);
  const right = inside(box("narrow"), box("row", back, next, step), text, sliders); // so that all fits a laptop's screen
  root.append(box("row", presets, sequences, without.label), box("panels", left, right));
  element.append(root);
  arrange();
}

const render = hosted(mount);

export default { render };
