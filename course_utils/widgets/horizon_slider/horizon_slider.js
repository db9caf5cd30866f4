// How far ahead is asked: one forecast beside what came, and the errors of all methods, step by step.
// params: { names: M, reference: one of their numbers, colours, dashes: M each, before: K × B, truths: K × S,
//           forecasts: M × K × S, origins: K texts, scale, t: Student's quantile for K − 1, ylabel, steps }

import {
  DARK, box, chart, curve, dot, fixed, frame, hosted, inside, key, menu, slider, tag, teller, whole,
} from "../shared/common.js";

const OVER = [["at", "at this step alone"], ["to", "over all steps up to it"]];

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// Mean and both ends of its interval. t: Student's quantile.
function interval(values, t) {
  const middle = mean(values);
  const square = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  const half = t * Math.sqrt(square / values.length);
  return [middle, middle - half, middle + half];
}

// For each method and step: `error` and `difference` (from the reference), each [mean, low, high] over the origins.
// over: "at" the step alone, or "to" it, from the first step on.
export function compute({ names, reference, truths, forecasts, scale, t, over = "at" }) {
  const off = forecasts.map((rows) => rows.map((row, k) => {
    const each = row.map((value, s) => Math.abs(value - truths[k][s]) / scale);
    return over === "at" ? each : each.map((_, s) => mean(each.slice(0, s + 1)));
  }));
  return names.map((_, m) => truths[0].map((_, s) => ({
    error: interval(off[m].map((row) => row[s]), t),
    difference: interval(off[m].map((row, k) => row[s] - off[reference][k][s]), t),
  })));
}

// What the paired difference from the reference says.
export function verdict([, low, high]) {
  if (high < 0) return "clearly better";
  return low > 0 ? "clearly worse" : "not decided";
}

const number = ([middle, low, high]) => `${fixed(middle)} (${fixed(low)} to ${fixed(high)})`;

// All that is told of a step.
export function told(p, found) {
  const s = p.horizon - 1;
  const [name, reference] = [p.names[p.method], p.names[p.reference]];
  const where = `${whole(p.horizon)} ${p.steps} ahead${p.over === "to" ? ", mean of all up to there" : ""}`;
  const { error, difference } = found[p.method][s];
  const beside = Number(p.method) === p.reference ? "It is what the others are compared with."
    : `Minus ${reference}: ${number(difference)}, ${verdict(difference)}.`;
  const order = p.names.map((text, m) => [found[m][s].error[0], text]).sort(([one], [other]) => one - other);
  const ranking = order.map(([value, text]) => `${text} ${fixed(value)}`).join(", ");
  return `${where}, ${p.truths.length} origins: ${name} ${number(error)}, 95 % intervals. ${beside} ` +
    `From the smallest error: ${ranking}.`;
}

// The end of what was known, what came, and what the method and the reference said of it.
function forecastChart(p) {
  const [k, S] = [p.origin - 1, p.truths[0].length];
  const [before, truth] = [p.before[k], p.truths[k]];
  const chosen = [...new Set([p.reference, Number(p.method)])];
  const seen = [...before, ...truth, ...chosen.flatMap((m) => p.forecasts[m][k])];
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  const space = 0.06 * (high - low) || 1;
  const label = `From the origin ${p.origins[k]}: ${whole(p.horizon)} ${p.steps} ahead ${fixed(truth[p.horizon - 1], 1)} ` +
    `came; ${chosen.map((m) => `${p.names[m]} said ${fixed(p.forecasts[m][k][p.horizon - 1], 1)}`).join(", ")}.`;
  const x = { range: [1 - before.length, S + 0.5], label: `${p.steps} from the origin, ${p.origins[k]}` };
  const axes = chart(label, 260, x, { range: [low - space, high + space], label: p.ylabel });
  curve(axes, before.map((value, n) => [n + 1 - before.length, value]), { stroke: DARK, "stroke-width": 1.5 });
  curve(axes, [[0, low - space], [0, high + space]], { "stroke-dasharray": "5 4", "stroke-width": 1 });
  const last = before[before.length - 1];
  for (const m of chosen) {
    curve(axes, [[0, last], ...p.forecasts[m][k].slice(0, p.horizon).map((value, s) => [s + 1, value])],
      { stroke: p.colours[m], "stroke-dasharray": p.dashes[m] });
  }
  truth.slice(0, p.horizon).forEach((value, s) => dot(axes, [s + 1, value], { r: 3, fill: DARK, stroke: "#fff" }));
  return axes.svg;
}

// The error of every method over the steps; that of the chosen one with its interval.
function errorChart(p, found) {
  const S = p.truths[0].length;
  const steps = Array.from({ length: S }, (_, s) => s + 1);
  const high = 1.05 * Math.max(...found.map((row) => Math.max(...row.map(({ error }) => error[0]))));
  const chosen = found[p.method];
  const label = `Error over ${S} ${p.steps}. ${p.names[p.method]}: ${fixed(chosen[0].error[0])} at the first, ` +
    `${fixed(chosen[S - 1].error[0])} at the last.`;
  const axes = chart(label, 260, { range: [0.5, S + 0.5], label: `${p.steps} ahead` },
    { range: [0, high], label: "error (MASE)" });
  const band = (end) => chosen.map(({ error }, s) => [s + 1, error[end]]);
  curve(axes, [...band(1), ...band(2).reverse()], { fill: p.colours[p.method], "fill-opacity": 0.15, stroke: "none" });
  found.forEach((row, m) => curve(axes, row.map(({ error }, s) => [steps[s], error[0]]), { stroke: p.colours[m],
    "stroke-dasharray": p.dashes[m], "stroke-width": m === Number(p.method) ? 3.5 : 1.5 }));
  curve(axes, [[p.horizon, 0], [p.horizon, high]], { "stroke-width": 1, "stroke-dasharray": "5 4" });
  dot(axes, [p.horizon, chosen[p.horizon - 1].error[0]], { fill: p.colours[p.method], stroke: "#fff" });
  return axes.svg;
}

export function mount(element, params) {
  const other = params.names.findIndex((_, m) => m !== params.reference);
  const p = { horizon: params.truths[0].length, origin: 1, method: Math.max(other, 0), over: "at", ...params };
  const root = frame("horizon-slider", "How wrong, how far ahead");
  const [left, right, text] = [box(""), box(""), teller()];
  function update() {
    const found = compute(p);
    left.replaceChildren(forecastChart(p));
    right.replaceChildren(errorChart(p, found));
    text.textContent = told(p, found);
    const { error, difference } = found[p.method][p.horizon - 1];
    Object.assign(root.dataset, { horizon: p.horizon, origin: p.origin, method: p.names[p.method], over: p.over,
      error: error[0], verdict: verdict(difference) });
  }
  const horizon = slider(p, "horizon", `${p.steps} ahead`, update, [1, p.truths[0].length, 1]);
  const origin = slider(p, "origin", "origin", update, [1, p.truths.length, 1]);
  for (const label of [horizon, origin]) label.classList.add("film");
  const lines = p.names.map((name, m) => [name, { stroke: p.colours[m], "stroke-width": 3,
    "stroke-dasharray": p.dashes[m] }]);
  const legend = key([...lines, ["what came", { fill: DARK, r: 3 }, "circle"]]);
  root.append(box("row", horizon, origin), box("row", menu(p, "method", "method", p.names.map((name, m) => [m, name]),
    update), menu(p, "over", "error", OVER, update)), box("panels", left, right), legend, text);
  inside(root, tag("style", {}, ".horizon-slider .told { min-height: 6em; }"));
  element.append(root);
  update();
}

const render = hosted(mount);

export default { render };
