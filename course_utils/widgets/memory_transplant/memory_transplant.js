// Two sequences, A and B, run through one LSTM; after a step their states are exchanged or erased.
// params: { weights: { W_ih, W_hh, bias, W_out, b_out } (gates i, f, g, o; both biases of torch added),
//           x: [A, B], each T lists of I numbers, labels, cues: [A's class, B's class],
//           inputs: I names, at }

import {
  BLUE, DARK, box, button, chart, curve, fixed, frame, hosted, key, menu, short, sigmoid, slider, tag, teller, ticks,
} from "../shared/common.js";

const OPERATIONS = {
  nothing: ["do nothing", (own) => own],
  swap_c: ["swap c", (own, other) => ({ c: other.c, h: own.h })],
  swap_h: ["swap h", (own, other) => ({ c: own.c, h: other.h })],
  swap_both: ["swap c and h", (own, other) => other],
  zero_c: ["set c to 0", ({ c, h }) => ({ c: c.map(() => 0), h })],
  zero_h: ["set h to 0", ({ c, h }) => ({ c, h: h.map(() => 0) })],
  zero_both: ["set c and h to 0", ({ c, h }) => ({ c: c.map(() => 0), h: h.map(() => 0) })],
};

const product = (rows, values) => rows.map((row) => row.reduce((sum, weight, n) => sum + weight * values[n], 0));

// One step of the LSTM.
function step({ W_ih, W_hh, bias }, x, { c, h }) {
  const [from_x, from_h] = [product(W_ih, x), product(W_hh, h)];
  const gate = (n, squash) => h.map((_, k) => {
    const row = n * h.length + k;
    return squash(from_x[row] + from_h[row] + bias[row]);
  });
  const [i, f, g, o] = [sigmoid, sigmoid, Math.tanh, sigmoid].map((squash, n) => gate(n, squash));
  const next = c.map((before, k) => f[k] * before + i[k] * g[k]);
  return { c: next, h: next.map((value, k) => o[k] * Math.tanh(value)) };
}

function softmax(scores) {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((one, other) => one + other);
  return powers.map((power) => power / sum);
}

// Both sequences to their ends, with an operation after step `at`.
function run({ weights, x, at }, operation) {
  const found = { scores: [], c: [[], []], h: [[], []] };
  const zeros = weights.W_out[0].map(() => 0);
  let states = [{ c: zeros, h: zeros }, { c: zeros, h: zeros }];
  for (let t = 0; t < x[0].length; t++) {
    states = states.map((state, s) => step(weights, x[s][t], state));
    states.forEach(({ c, h }, s) => { found.c[s].push(c); found.h[s].push(h); });
    if (t + 1 !== at) continue;
    states = [operation(states[0], states[1]), operation(states[1], states[0])];
    found.after = { c: states.map(({ c }) => c), h: states.map(({ h }) => h) };
  }
  found.scores = states.map(({ h }) => softmax(product(weights.W_out, h).map((score, k) => score + weights.b_out[k])));
  return found;
}

// For each operation: scores[s][class] of the end, c[s][t] and h[s][t] as they come out of each step, and
// after.c[s], after.h[s]: what the operation makes of them at step `at`. s is 0 for A, 1 for B.
export function compute(params) {
  return Object.fromEntries(Object.entries(OPERATIONS).map(([name, [, operation]]) => [name, run(params, operation)]));
}

const NAMES = ["A", "B"];
const COLOURS = [BLUE, "#AA3377"];
const OTHER = "#9a9a9a";

// The class with the highest score; −1 where two have it.
function best(scores) {
  const highest = Math.max(...scores);
  const found = scores.flatMap((score, n) => (score > highest - 1e-6 ? [n] : []));
  return found.length === 1 ? found[0] : -1;
}

// Whose cue the answer of sequence s is.
function follows({ cues }, scores, s) {
  const answer = best(scores[s]);
  return answer === cues[s] ? "own" : answer === cues[1 - s] ? "other" : "neither";
}

function whose({ cues, labels }, which, s) {
  if (which === "neither") return "neither cue";
  const k = which === "own" ? s : 1 - s;
  return `${NAMES[k]}'s cue “${labels[cues[k]]}”`;
}

function answers(p, scores) {
  const one = (s) => {
    const said = best(scores[s]) < 0 ? "is undecided" : `answers “${p.labels[best(scores[s])]}”`;
    return `${NAMES[s]} ${said} (${fixed(Math.max(...scores[s]))})`;
  };
  return `${one(0)}, ${one(1)}.`;
}

// The lines told; `ran`: has the operation been done?
export function told(p, runs, ran) {
  const name = OPERATIONS[p.operation][0];
  const after = `after step ${p.at}`;
  const untouched = `Untouched: ${answers(p, runs.nothing.scores)}`;
  const next = p.prediction ? "Press Run." : "Predict first.";
  if (!ran) return [untouched, `Now ${name} ${after}: what will A answer? ${next}`];
  const { scores } = runs[p.operation];
  const which = follows(p, scores, 0);
  const verdict = which === p.prediction ? "As you predicted" : "Not as you predicted";
  const lines = [untouched, `${name[0].toUpperCase()}${name.slice(1)} ${after}: ${answers(p, scores)}`,
    `Your prediction: A answers ${whose(p, p.prediction, 0)}. ${verdict}: it answers ${whose(p, which, 0)}.`];
  const chance = which === "other" && !p.operation.startsWith("swap");
  if (chance) lines.push("Nothing of B came into A: it is B's cue by chance.");
  return lines;
}

// What goes in: a row for each input, dark where it is large.
function inputs(p, s) {
  const rows = p.x[s][0].length;
  const [count, most] = [p.x[s].length, Math.max(...p.x.flat(2).map(Math.abs)) || 1];
  const axes = chart(`The ${rows} inputs of ${NAMES[s]} over ${count} steps.`, 54 + 14 * rows,
    { range: [0.5, count + 0.5], ticks: ticks(1, count, 6, 1) },
    { range: [0.5, rows + 0.5], label: `inputs of ${NAMES[s]}, step by step`, ticks: p.x[s][0].map((_, n) => n + 1),
      name: (n) => p.inputs[rows - n] }, 24);
  const [width, height] = [axes.X(1) - axes.X(0), axes.Y(0) - axes.Y(1)];
  p.x[s].forEach((values, t) => values.forEach((value, n) => axes.plot.append(tag("rect", {
    x: axes.X(t + 0.55), y: axes.Y(rows - n + 0.45), width: 0.9 * width, height: 0.9 * height,
    fill: value < 0 ? "#7A5C00" : DARK, "fill-opacity": Math.abs(value) / most }))));
  curve(axes, [[p.at + 0.5, 0], [p.at + 0.5, rows + 1]], { stroke: COLOURS[s], "stroke-width": 3 });
  return axes.svg;
}

// Bars at 0, 1, …: filled as they are now, outlined as they were untouched.
function bars(axes, now, before, fill) {
  const width = 0.76 * (axes.X(1) - axes.X(0));
  const rect = (value, n) => ({ x: axes.X(n - 0.38), width, y: axes.Y(Math.max(0, value)),
    height: Math.abs(axes.Y(value) - axes.Y(0)) });
  now.forEach((value, n) => axes.plot.append(tag("rect", { ...rect(value, n), fill: fill(n) })));
  before.forEach((value, n) => axes.plot.append(
    tag("rect", { ...rect(value, n), fill: "none", stroke: DARK, "stroke-width": 1.2 })));
  curve(axes, [[-1, 0], [now.length, 0]], { "stroke-width": 1 });
}

// The largest number of one digit that is not above a value.
function roundBelow(value) {
  const size = 10 ** Math.floor(Math.log10(value));
  return Math.floor(value / size) * size;
}

// Whose memory the state of sequence s is, after an operation.
const owner = (operation, part, s) => (operation === `swap_${part}` || operation === "swap_both" ? 1 - s : s);

function memory(p, runs, operation, part, s) {
  const [now, before] = [runs[operation].after[part][s], runs.nothing.after[part][s]];
  const most = Math.max(0.1, ...NAMES.flatMap((_, k) => runs.nothing.after[part][k].map(Math.abs)));
  const name = `${part} of ${NAMES[s]} after step ${p.at}`;
  const from = operation === `zero_${part}` || operation === "zero_both" ? "all 0" : `that of ${NAMES[owner(operation, part, s)]}`;
  const axes = chart(`${name}: ${from}. ${now.map((value) => short(value, 2)).join(", ")}.`, part === "c" ? 86 : 102,
    { range: [-0.7, now.length - 0.3], name: (n) => short(n + 1),
      ticks: part === "h" ? now.map((_, n) => n).filter((n) => now.length <= 9 || n % 2 === 0) : [] },
    { range: [-1.1 * most, 1.1 * most], ticks: [-1, 0, 1].map((sign) => sign * roundBelow(most)),
      label: `${name}, unit by unit` }, part === "c" ? 9 : 24);
  bars(axes, now, before, () => COLOURS[owner(operation, part, s)]);
  return axes.svg;
}

function answer(p, runs, operation, s) {
  const [now, before] = [runs[operation].scores[s], runs.nothing.scores[s]];
  const said = now.map((score, n) => `${p.labels[n]} ${short(score, 2)}`).join(", ");
  const axes = chart(`Answer of ${NAMES[s]} at the end: ${said}.`, 114,
    { range: [-0.6, now.length - 0.4], ticks: now.map((_, n) => n), name: (n) => p.labels[n] },
    { range: [0, 1.05], ticks: [0, 0.5, 1], label: `probability of ${NAMES[s]}'s answer` }, 24);
  bars(axes, now, before, (n) => COLOURS[p.cues.indexOf(n)] ?? OTHER);
  return axes.svg;
}

function legend({ labels, cues }) {
  return key([
    ...NAMES.map((name, s) => [`memory of ${name}; its cue “${labels[cues[s]]}”`, { fill: COLOURS[s] }, "rect"]),
    ...(labels.length > 2 ? [["another answer", { fill: OTHER }, "rect"]] : []),
    ["untouched", { fill: "#fff", stroke: DARK, "stroke-width": 1.2 }, "rect"],
  ]);
}

export function mount(element, params) {
  const p = { ...params, operation: "swap_c", prediction: "" };
  let ran = false;
  const root = frame("memory-transplant", "Memory transplant");
  const [columns, text] = [[box(""), box("")], teller()];
  text.style.minHeight = "4.3em"; // so that what stands below it stays where it is
  const anew = () => { ran = false; update(); };
  const operations = Object.entries(OPERATIONS).map(([name, [title]]) => [name, title]);
  const operation = menu(p, "operation", "in both sequences", operations, () => {
    p.prediction = prediction.querySelector("select").value = "";
    anew();
  });
  const choices = [["", "choose"], ...["own", "other", "neither"].map((which) => [which, whose(p, which, 0)])];
  const prediction = menu(p, "prediction", "my prediction: A answers", choices, anew);
  const go = button("Run", () => { ran = true; update(); });
  const at = slider(p, "at", "after step", update, [1, p.x[0].length, 1]);
  at.classList.add("film");
  function update() {
    const runs = compute(p);
    const shown = ran ? p.operation : "nothing";
    columns.forEach((column, s) => column.replaceChildren(inputs(p, s), memory(p, runs, shown, "c", s),
      memory(p, runs, shown, "h", s), answer(p, runs, shown, s)));
    text.replaceChildren(...told(p, runs, ran).map((line) => tag("div", {}, line)));
    go.disabled = ran || !p.prediction;
    const [followsA, followsB] = NAMES.map((_, s) => follows(p, runs[shown].scores, s));
    Object.assign(root.dataset, { operation: shown, at: p.at, ran, followsA, followsB,
      scores: JSON.stringify(runs[shown].scores) });
  }
  root.append(box("row", operation, at), box("row", prediction, go), text, box("panels", ...columns), legend(p));
  element.append(root);
  update();
}

const render = hosted(mount);

export default { render };
