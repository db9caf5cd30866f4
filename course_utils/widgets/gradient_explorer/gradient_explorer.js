// What a gradient meets on its way back through time: the norm of (slope · W)^t against two rules of thumb.
// W = radius · I + non_normality · (ones above the diagonal), 4 × 4: its eigenvalues are all `radius`.
// params: { radius, non_normality, slope, length, ranges: { radius: [min, max, step], … } }

import {
  BLUE, DARK, RNN, box, chart, curve, decade, dot, fixed, frame, hosted, key, short, slider, teller, ticks, whole,
} from "../shared/common.js";

const SIZE = 4;
const square = (entry) => Array.from({ length: SIZE }, (_, i) => Array.from({ length: SIZE }, (_, j) => entry(i, j)));
const times = (A, B) => square((i, j) => A[i].reduce((sum, a, k) => sum + a * B[k][j], 0));

// One rotation of Jacobi's method: makes S[p][q] of a symmetric matrix 0.
function rotate(S, p, q) {
  if (S[p][q] === 0) return;
  const angle = 0.5 * Math.atan2(2 * S[p][q], S[q][q] - S[p][p]);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  for (const row of S) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
  [S[p], S[q]] = [S[p].map((v, j) => c * v - s * S[q][j]), S[p].map((v, j) => s * v + c * S[q][j])];
}

// The largest singular value: the root of the largest eigenvalue of AᵀA, with A scaled so that nothing underflows.
function spectralNorm(A) {
  const largest = Math.max(...A.flat().map(Math.abs));
  if (largest === 0) return 0;
  const scaled = A.map((row) => row.map((a) => a / largest));
  const S = times(square((i, j) => scaled[j][i]), scaled);
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < SIZE; p++) for (let q = p + 1; q < SIZE; q++) rotate(S, p, q);
  }
  return largest * Math.sqrt(Math.max(...S.map((row, i) => row[i])));
}

// From which t on is the norm below 1 to the end? null where it never is.
function belowOneFrom(norms) {
  const last = norms.findLastIndex((norm) => norm >= 1);
  return last === norms.length - 1 ? null : last + 1;
}

// norms[t], rule[t] and bound[t] for t = 0 … length; sigma is the largest singular value of W.
export function compute({ radius, non_normality, slope, length }) {
  const W = square((i, j) => (i === j ? radius : j === i + 1 ? non_normality : 0));
  const sigma = spectralNorm(W);
  const step = W.map((row) => row.map((w) => slope * w));
  const norms = [1];
  for (let t = 1, power = step; t <= length; t++, power = times(power, step)) norms.push(spectralNorm(power));
  const [rule, bound] = [radius, sigma].map((factor) => norms.map((_, t) => (slope * factor) ** t));
  const value = Math.max(...norms);
  return { norms, rule, bound, sigma, peak: { t: norms.indexOf(value), value }, below_one_from: belowOneFrom(norms) };
}

// What becomes of the gradient in the worst case, in one sentence.
export function verdict({ radius, slope, length }, { norms, sigma, peak, below_one_from }) {
  const [eigenvalue, tolerance] = [slope * radius, 1e-9];
  const zero = eigenvalue === 0 ? `is exactly 0 from t = ${norms.indexOf(0)}` : "";
  if (peak.value <= 1 + tolerance) {
    const shrinks = slope * sigma < 1 - tolerance;
    const start = `The gradient ${shrinks ? "vanishes from the start" : "never grows"}`;
    if (zero) return `${start}, and ${zero}.`;
    if (eigenvalue >= 1 - tolerance) return "The gradient keeps its length.";
    return `${start}: ${shrinks ? "every step shrinks it" : "no step can lengthen it"}.`;
  }
  const grown = `${short(peak.value)} at t = ${peak.t}`;
  if (eigenvalue > 1 + tolerance) return `The gradient can explode: it grows to ${grown}.`;
  if (eigenvalue > 1 - tolerance) return `The gradient can grow without end, like a power of t: to ${grown}.`;
  const end = below_one_from !== null ? `is below 1 only from t = ${below_one_from}`
    : `is still ${short(norms[length])} at t = ${length}: too few steps to vanish`;
  return `The gradient can grow to ${grown}, and ${zero || end}.`;
}

const LINES = [
  ["norms", "true worst growth", { stroke: RNN, "stroke-width": 3 }],
  ["rule", "eigenvalue rule", { stroke: DARK, "stroke-dasharray": "7 5", "stroke-width": 1.8 }],
  ["bound", "singular value bound", { stroke: BLUE, "stroke-dasharray": "2 4", "stroke-width": 2 }],
];
const [FLOOR, CAP] = [-12, 12];

// The decades that are drawn: those of the norms and the eigenvalue rule, and one more for the bound to leave through.
function decades({ norms, rule }) {
  const logs = [...norms, ...rule].filter((value) => value > 0).map(Math.log10);
  return [Math.max(FLOOR, Math.floor(Math.min(-1, ...logs))), Math.min(CAP, Math.ceil(Math.max(0, ...logs)) + 1)];
}

// Which lines leave the picture, and where.
function leaving(found, [low, high]) {
  const gone = LINES.flatMap(([name, text]) => {
    const t = found[name].findIndex((value) => !(value >= 10 ** low && value <= 10 ** high));
    return t < 0 ? [] : [`${text} at t = ${t} (${found[name][t] > 1 ? "above" : "below"})`];
  });
  return gone.length ? `Leaving the picture: ${gone.join(", ")}.` : "";
}

// What marks the true worst growth: its peak, and where it is below 1 for good. [where, look, name] each.
function marks({ norms, peak, below_one_from: below }) {
  if (peak.t === 0) return [];
  const found = [[peak.t, { fill: RNN, stroke: "#fff" }, "its peak"]];
  if (below !== null && norms[below] > 0) found.push([below, { fill: "#fff", stroke: RNN }, "below 1 from here"]);
  return found;
}

function legend(found) {
  return key([
    ...LINES.map(([, name, look]) => [name, look]),
    ...marks(found).map(([, look, name]) => [name, { "stroke-width": 2, ...look }, "circle"]),
  ]);
}

function draw(p, found) {
  const range = decades(found);
  const label = `On a logarithmic axis, t from 0 to ${p.length}: ` +
    LINES.map(([name, text]) => `${text} ends at ${short(found[name][p.length])}`).join(", ") + ".";
  const axes = chart(label, 300, { range: [0, p.length], label: "t, steps back", ticks: ticks(0, p.length, 5, 1) },
    { range, label: "times its length", ticks: ticks(...range, 6, 1), name: decade });
  curve(axes, [[0, 0], [p.length, 0]], { stroke: "#777", "stroke-width": 1 });
  for (const [name, , look] of [...LINES].reverse()) {
    // A value of 0 has no place on this axis; the line leaves downwards.
    curve(axes, found[name].map((value, t) => [t, value > 0 ? Math.log10(value) : FLOOR - 50]), look);
  }
  for (const [t, look] of marks(found)) dot(axes, [t, Math.log10(found.norms[t])], look);
  return { svg: axes.svg, range };
}

function told(p, found, range) {
  const [eigenvalue, singular] = [p.radius, found.sigma].map((factor) => fixed(p.slope * factor));
  const [norm, rule, bound] = LINES.map(([name]) => short(found[name][p.length]));
  return `${verdict(p, found)} Slope × eigenvalue is ${eigenvalue}, slope × largest singular value ${singular}. At t = ` +
    `${p.length}: true ${norm}, eigenvalue rule ${rule}, bound ${bound}. ${leaving(found, range)}`.trim();
}

export function mount(element, params) {
  const p = { ...params };
  const root = frame("gradient-explorer", "Gradient explorer");
  const place = box("wide");
  const text = teller();
  function update() {
    const found = compute(p);
    const { svg, range } = draw(p, found);
    place.replaceChildren(svg, legend(found));
    text.textContent = told(p, found, range);
    Object.assign(root.dataset, { sigma: found.sigma, norm: found.norms[p.length], peak: found.peak.value,
      peakAt: found.peak.t, belowOneFrom: found.below_one_from });
  }
  const names = { radius: "eigenvalue (radius)", non_normality: "non-normality", slope: "activation slope",
    length: "length" };
  const sliders = Object.entries(names).map(([name, label]) => slider(p, name, label, update, p.ranges[name]));
  root.append(box("panels", place, box("narrow stacked", ...sliders, text)));
  element.append(root);
  update();
}

const render = hosted(mount);

export default { render };
