// Gibbs sampling of a restricted Boltzmann machine, step by step: all hidden units, then all visible ones.
// params: { side, weight: H × V, visible_bias: V, hidden_bias: H, names: texts, starts: for each V zeros and ones,
//           seed, most: steps }

import {
  BLUE, DARK, RNN, box, button, chart, curve, dot, fixed, frame, hosted, inside, menu, sigmoid, tag, teller, uniform,
  whole,
} from "../shared/common.js";

const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

// b + W v for each hidden unit.
const upward = ({ weight, hidden_bias }, v) =>
  weight.map((row, j) => row.reduce((sum, w, i) => sum + w * v[i], hidden_bias[j]));

// a + Wᵀ h for each visible unit.
const downward = ({ weight, visible_bias }, h) =>
  visible_bias.map((a, i) => h.reduce((sum, state, j) => sum + state * weight[j][i], a));

const freeEnergy = (p, v) => -v.reduce((sum, state, i) => sum + state * p.visible_bias[i], 0) -
  upward(p, v).reduce((sum, input) => sum + softplus(input), 0);

// From a start, some steps: for each of them (0 is the start) the visible states, the probabilities that they were
// drawn with, the hidden states, and the free energy.
// how: "draw" all states; "pass" hidden probabilities down as they are; "decide" each unit by p > 0.5.
export function compute({ starts, start = 0, seed, steps, how = "draw", ...p }) {
  const random = uniform(seed);
  const state = (chance) => (how === "decide" ? chance > 0.5 : random() < chance) ? 1 : 0;
  let v = starts[start];
  const found = [{ visible: v, chances: v, hidden: [], free: freeEnergy(p, v) }];
  for (let t = 0; t < steps; t++) {
    const up = upward(p, v).map(sigmoid);
    const hidden = how === "pass" ? up : up.map(state);
    const chances = downward(p, hidden).map(sigmoid);
    v = chances.map(state);
    found.push({ visible: v, chances, hidden, free: freeEnergy(p, v) });
  }
  return found;
}

// How many pixels differ from the start.
export const moved = (run, t) => run[t].visible.filter((state, i) => state !== run[0].visible[i]).length;

export function told(p, run, t) {
  const now = `free energy ${fixed(run[t].free, 1)}`;
  if (!t) return `Start: ${p.names[p.start]}, ${now}. Press Step.`;
  const on = p.how === "pass" ? "" : `, ${run[t].hidden.filter((state) => state).length} of ${p.weight.length} hidden units are 1`;
  return `After ${whole(t)} step${t > 1 ? "s" : ""}: ${now}${on}; ${moved(run, t)} of ${run[0].visible.length} pixels ` +
    "differ from the start.";
}

// A square of numbers from 0 to 1, the larger the darker.
function square(label, name, values, side) {
  const svg = tag("svg", { viewBox: `0 0 ${10 * side} ${10 * side}`, role: "img", "aria-label": label });
  values.forEach((value, n) => {
    const grey = Math.round(255 * (1 - value));
    svg.append(tag("rect", { x: 10 * (n % side), y: 10 * Math.floor(n / side), width: 10, height: 10,
      fill: `rgb(${grey},${grey},${grey})`, stroke: "#ccc", "stroke-width": 0.5 }));
  });
  return box("", tag("div", {}, name), svg);
}

function energies(run, t, most) {
  const seen = run.slice(0, t + 1).map(({ free }) => free);
  const [low, high] = [Math.min(...seen) - 1, Math.max(...seen) + 1];
  const end = [10, 20, 50, 100, 200, 500, most].find((n) => n >= t);
  const axes = chart(`Free energy over ${whole(t)} steps, now ${fixed(run[t].free, 1)}; low is probable.`, 200,
    { range: [0, end], ticks: [0, end / 2, end], name: whole, label: "step" },
    { range: [low, high], label: "free energy (low is probable)" });
  curve(axes, seen.map((free, n) => [n, free]), { stroke: BLUE });
  dot(axes, [t, run[t].free], { fill: RNN, stroke: DARK });
  return axes.svg;
}

const HOW = [["draw", "drawn: 1 with probability p"], ["pass", "hidden probabilities passed down (wrong)"],
  ["decide", "decided: 1 where p > 0.5 (wrong)"]];

export function mount(element, params) {
  const p = { start: 0, how: "draw", ...params };
  let t = 0;
  const root = frame("gibbs-stepper", "Gibbs sampling, step by step");
  const [pictures, course, text] = [box("panels"), box("wide"), teller()];
  const go = (change) => () => { t = Math.min(change(t), p.most); update(); };
  const forward = [["Step", 1], ["10 steps", 10], ["100 steps", 100]].map(([name, more]) =>
    button(name, go((now) => now + more)));
  const reset = button("Start again", go(() => 0));
  const again = button("Other draws", () => { p.seed += 1; update(); });
  function update() {
    const run = compute({ ...p, steps: t });
    const { visible, chances, hidden } = run[t];
    const width = Math.ceil(Math.sqrt(p.weight.length));
    const shown = hidden.length ? hidden : p.weight.map(() => 0);
    pictures.replaceChildren(
      square(`Visible states after ${t} steps`, "visible states", visible, p.side),
      square("Probabilities they were drawn with", "their probabilities", chances, p.side),
      square(t ? "Hidden states" : "No hidden states yet", t ? "hidden states" : "hidden: not drawn yet", shown, width),
    );
    course.replaceChildren(energies(run, t, p.most));
    text.textContent = told(p, run, t);
    forward.forEach((one) => { one.disabled = t === p.most; });
    reset.disabled = t === 0;
    again.disabled = p.how === "decide";
    Object.assign(root.dataset, { step: t, free: run[t].free, moved: moved(run, t), how: p.how });
  }
  const from = () => { t = 0; update(); };
  const controls = box("narrow", text, box("row", ...forward, reset, again), box("row",
    menu(p, "start", "start", p.names.map((name, n) => [n, name]), from), menu(p, "how", "units are", HOW, update)));
  root.append(pictures, box("panels", controls, course)); // side by side: all fits a laptop's screen
  pictures.classList.add("squares");
  inside(root, tag("style", {}, ".gibbs-stepper .squares > * { flex: 1 1 150px; max-width: 200px; } " +
    ".gibbs-stepper .told { min-height: 4.4em; }"));
  element.append(root);
  update();
}

const render = hosted(mount);

export default { render };
