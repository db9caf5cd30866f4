// One unit that holds a bit: h_t = tanh(w h_(t-1) + b + noise n_t), step by step in a cobweb plot.
// params: { w, b, h_0, noise, steps, seed, ranges: { w: [min, max, step], … } }

import {
  BLUE, DARK, RNN, box, button, chart, curve, dot, fixed, frame, hosted, key, power, short, slider, teller, ticks,
  uniform, whole,
} from "../shared/common.js";

// Where the curve tanh(w h + b) meets the diagonal: between the places where their distance turns, by bisection.
function fixedPoints(w, b) {
  const above = (h) => Math.tanh(w * h + b) > h;
  const turns = w > 1 ? [-1, 1].map((sign) => (sign * Math.atanh(Math.sqrt(1 - 1 / w)) - b) / w) : [];
  const edges = [-1, ...turns.filter((h) => Math.abs(h) < 1), 1];
  const found = [];
  for (let n = 1; n < edges.length; n++) {
    let [low, high] = [edges[n - 1], edges[n]];
    if (above(low) === above(high)) continue;
    const before = above(low);
    for (let halved = 0; halved < 60; halved++) {
      const middle = (low + high) / 2;
      if (above(middle) === before) low = middle;
      else high = middle;
    }
    const h = (low + high) / 2;
    found.push({ h, stable: Math.abs(w * (1 - Math.tanh(w * h + b) ** 2)) < 1 });
  }
  return found;
}

// states[t] is h_t, log_derivative[t] is log10 |∂h_t/∂h_0| (null where the derivative is 0), t = 0 … steps.
export function compute({ w, b, h_0, noise, steps, seed }) {
  const random = uniform(seed);
  const states = [h_0];
  const log_derivative = [0];
  let log = 0;
  for (let t = 1; t <= steps; t++) {
    const h = Math.tanh(w * states[t - 1] + b + noise * (2 * random() - 1));
    log += Math.log10(Math.abs(w * (1 - h * h)));
    states.push(h);
    log_derivative.push(Number.isFinite(log) ? log : null);
  }
  return { states, log_derivative, fixed_points: fixedPoints(w, b) };
}

const SHOWN = 60; // steps drawn in the cobweb

// The sign a state stands for: with a negative w the sign turns at every step, which is counted in.
const bit = (states, t, w) => Math.sign(states[t]) * (w < 0 && t % 2 ? -1 : 1);

// The first step at which the bit was not that of h_0; 0 if there is none up to t.
function lostAt(states, t, w) {
  const first = bit(states, 0, w);
  for (let k = 1; k <= t; k++) if (bit(states, k, w) !== first) return k;
  return 0;
}

function bitTold(states, t, w) {
  const name = (sign) => (sign > 0 ? "+" : sign < 0 ? "−" : "gone (h is exactly 0)");
  const [first, now, lost] = [bit(states, 0, w), bit(states, t, w), lostAt(states, t, w)];
  if (!first) return "h₀ = 0 has no sign to hold.";
  const counted = w < 0 ? " (w is negative: the sign turns at every step, which is counted in)" : "";
  const when = `lost at step ${whole(lost)}${counted}.`;
  if (lost && now === first) return `the bit is ${name(now)} again, by chance: it was ${when}`;
  if (lost) return `the bit is ${name(now)}. It was ${name(first)}, and was ${when}`;
  if (Math.abs(states[t]) < 0.005) return `its sign is still ${name(now)}, but so near 0 a little noise would turn it.`;
  return `the bit is still ${name(now)}${counted}.`;
}

function told(p, { states, log_derivative }, t) {
  const h = Math.abs(states[t]) < 0.005 ? short(states[t], 2) : fixed(states[t]);
  if (!t) return `h₀ = ${h}. Press Step, or To step ${whole(p.steps)}.`;
  const log = log_derivative[t];
  const change = log === null ? "A small change of h₀ does not change h at all: the derivative ∂h/∂h₀ is exactly 0."
    : `A small change of h₀ arrives ${log < 0 ? "shrunk" : "grown"} to ${power(log)} of its size: that is |∂h/∂h₀|.`;
  return `After ${whole(t)} step${t > 1 ? "s" : ""} h = ${h}: ${bitTold(states, t, p.w)} ${change}`;
}

function cobweb(p, { states, fixed_points }, t) {
  const axis = { range: [-1, 1], ticks: [-1, -0.5, 0, 0.5, 1] };
  const count = Math.min(t, SHOWN);
  const where = fixed_points.map(({ h, stable }) => `${fixed(h)} (${stable ? "stable" : "not stable"})`).join(", ");
  const axes = chart(`Cobweb plot of ${count} steps. The curve meets the diagonal at ${where}.`, 350,
    { ...axis, label: "h before the step" }, { ...axis, label: "h after the step" });
  const line = (shift) => Array.from({ length: 101 }, (_, n) => [n / 50 - 1, Math.tanh(p.w * (n / 50 - 1) + p.b + shift)]);
  curve(axes, [...line(p.noise), ...line(-p.noise).reverse()], { fill: "#fbe3d4", stroke: "none" });
  curve(axes, [[-1, -1], [1, 1]], { "stroke-dasharray": "5 4", "stroke-width": 1.5 });
  curve(axes, line(0), { stroke: RNN, "stroke-width": 2.5 });
  const stairs = [[states[0], states[0]]];
  for (let k = 1; k <= count; k++) stairs.push([states[k - 1], states[k]], [states[k], states[k]]);
  curve(axes, stairs, { stroke: BLUE, "stroke-width": 1.2 });
  for (const { h, stable } of fixed_points) dot(axes, [h, h], { fill: stable ? DARK : "#fff" });
  dot(axes, [states[t], states[t]], { fill: BLUE, stroke: "#fff" });
  return axes.svg;
}

// At most two points for each of 200 stretches: its lowest and its highest, in the order they came.
function thinned(values, t) {
  const stretch = Math.max(2, Math.ceil((t + 1) / 200));
  const points = [];
  for (let start = 0; start <= t; start += stretch) {
    let [low, high] = [start, start];
    for (let k = start; k <= Math.min(t, start + stretch - 1); k++) {
      if (values[k] < values[low]) low = k;
      if (values[k] > values[high]) high = k;
    }
    points.push(...[...new Set([low, high])].sort((one, other) => one - other).map((k) => [k, values[k]]));
  }
  return points;
}

function overTime(p, { states, log_derivative }, t) {
  const end = [SHOWN, 100, 200, 500, 1000, 2000, 5000, 10000].find((n) => n >= t);
  const x = { range: [0, end], label: "step", ticks: [0, end / 2, end], name: whole };
  const up = chart(`h over ${whole(t)} steps, now ${fixed(states[t])}.`, 175, x,
    { range: [-1, 1], ticks: [-1, 0, 1], label: "h" });
  curve(up, thinned(states, t), { stroke: RNN, "stroke-width": 1.5 });
  const logs = log_derivative.slice(0, t + 1).filter((log) => log !== null);
  const [low, high] = [Math.min(-1, ...logs), Math.max(1, ...logs)].map((v) => Math.sign(v) * Math.ceil(Math.abs(v)));
  const zero = logs.length <= t ? `; exactly 0 from step ${logs.length}` : "";
  const down = chart(`log₁₀ of |∂h/∂h₀| over ${whole(t)} steps, now ${power(log_derivative[t])} as a number.`, 175, x,
    { range: [low, high], ticks: ticks(low, high, 4, 1), name: whole, label: `log₁₀ |∂h/∂h₀|${zero}` });
  curve(down, thinned(logs, logs.length - 1), { stroke: DARK });
  return box("", up.svg, down.svg);
}

function legend(p, { fixed_points }) {
  const met = (kind) => fixed_points.filter(({ stable }) => stable === kind).map(({ h }) => fixed(h)).join(" and ");
  return key([
    [`tanh(w·h + b)${p.noise ? ", shaded: with noise" : ""}`, { stroke: RNN, "stroke-width": 3 }],
    ["h stays as it is", { stroke: DARK, "stroke-dasharray": "5 4", "stroke-width": 2 }],
    [`the first ${SHOWN} steps`, { stroke: BLUE, "stroke-width": 2 }],
    ["h now", { fill: BLUE }, "circle"],
    ...(met(true) ? [[`stable: ${met(true)}`, { fill: DARK }, "circle"]] : []),
    ...(met(false) ? [[`not stable: ${met(false)}`, { fill: "#fff", stroke: DARK, "stroke-width": 1.5 }, "circle"]] : []),
  ]);
}

export function mount(element, params) {
  const p = { ...params };
  let t = 0;
  const root = frame("cobweb", "Cobweb plot of one unit");
  const [panels, meaning] = [box("panels"), box("")];
  const text = teller();
  const go = (change) => () => { t = Math.min(change(t), p.steps); update(); };
  const forward = [
    button("Step", go((now) => now + 1)),
    button("10 steps", go((now) => now + 10)),
    button(`To step ${whole(p.steps)}`, go(() => p.steps)),
  ];
  const reset = button("Start again", go(() => 0));
  const again = button("Another noise", () => { p.seed += 1; update(); });
  function update() {
    const run = compute(p);
    panels.replaceChildren(cobweb(p, run, t), overTime(p, run, t));
    meaning.replaceChildren(legend(p, run));
    text.textContent = told(p, run, t);
    forward.forEach((element) => { element.disabled = t === p.steps; });
    reset.disabled = t === 0;
    again.disabled = p.noise === 0;
    Object.assign(root.dataset, { step: t, h: run.states[t], logDerivative: run.log_derivative[t],
      lostAt: lostAt(run.states, t, p.w) });
  }
  const names = { w: "weight w", b: "bias b", h_0: "start h₀", noise: "noise" };
  const sliders = Object.entries(names).map(([name, label]) => slider(p, name, label, update, p.ranges[name]));
  root.append(panels, meaning, text, box("row", ...forward, reset, again), box("row", ...sliders));
  element.append(root);
  update();
}

const render = hosted(mount);

export default { render };
