// A film of training: the gradient of the recurrent weights, split by how many steps each part travelled back.
// params: { norms: F lists of T numbers, totals, steps, losses: F numbers each, chance }

import {
  DARK, RNN, box, button, chart, curve, decade, dot, frame, hosted, key, short, tag, teller, ticks, whole,
} from "../shared/common.js";

const MOST = 0.99;

const total = (values) => values.reduce((sum, value) => sum + value, 0);

// How many of the last steps hold 99 % of the sum of the norms.
function shareWithin(norms) {
  const enough = MOST * total(norms);
  let sum = 0;
  for (let k = 0; k < norms.length; k++) {
    if (sum >= enough) return k;
    sum += norms[k];
  }
  return norms.length;
}

// For each frame: share_within K (lags below K hold 99 % of the sum of norms), far_share (of lags from T/2 on), sum.
export function compute({ norms }) {
  return norms.map((parts) => {
    const sum = total(parts);
    const far = total(parts.slice(Math.ceil(parts.length / 2)));
    return { share_within: shareWithin(parts), far_share: sum ? far / sum : 0, sum };
  });
}

// The decades of the whole film, at most 14 of them.
function decades(norms) {
  const seen = norms.flat().filter((value) => value > 0).map(Math.log10);
  if (!seen.length) return [-1, 0];
  const high = seen.reduce((one, other) => Math.max(one, other));
  const low = seen.reduce((one, other) => Math.min(one, other));
  const top = Math.floor(high) + 1;
  return [Math.max(top - 14, Math.min(Math.ceil(low), top) - 1), top];
}

function bars(p, shares, frame) {
  const parts = p.norms[frame];
  const within = shares[frame].share_within;
  const range = decades(p.norms);
  const label = `Bars over ${parts.length} lags: the norm of each part, from ${short(parts[0])} at lag 0 to ` +
    `${short(parts[parts.length - 1])} at lag ${parts.length - 1}.`;
  const axes = chart(label, 280, { range: [-0.5, parts.length - 0.5], label: "lag k, steps back",
    ticks: ticks(0, parts.length - 1, 6, 1) }, { range, label: "norm of the part from k steps back",
    ticks: ticks(...range, 7, 1), name: decade });
  const width = axes.X(1) - axes.X(0);
  parts.forEach((norm, k) => {
    const top = axes.Y(norm > 0 ? Math.max(range[0], Math.log10(norm)) : range[0]);
    axes.plot.append(tag("rect", { x: axes.X(k - 0.5) + 0.08 * width, y: top, width: 0.84 * width,
      height: axes.Y(range[0]) - top, fill: k < within ? RNN : "#9a9a9a" }));
  });
  return axes.svg;
}

function lossStrip(p, frame) {
  const [first, last] = [p.steps[0], p.steps[p.steps.length - 1]];
  const high = 1.08 * Math.max(p.chance, ...p.losses);
  const label = `Loss over training: ${short(p.losses[0])} at first, ${short(p.losses[frame])} now; ` +
    `chance ${short(p.chance)}.`;
  const axes = chart(label, 210, { range: [first, last], label: "step of training", ticks: ticks(first, last, 3, 1),
    name: whole }, { range: [0, high], label: "loss", ticks: ticks(0, high, 4) });
  curve(axes, [[first, p.chance], [last, p.chance]], { stroke: DARK, "stroke-dasharray": "7 5", "stroke-width": 1.5 });
  curve(axes, p.steps.map((step, n) => [step, p.losses[n]]), { stroke: RNN });
  curve(axes, [[p.steps[frame], 0], [p.steps[frame], high]], { stroke: DARK, "stroke-width": 1 });
  dot(axes, [p.steps[frame], p.losses[frame]], { fill: RNN, stroke: "#fff" });
  return axes.svg;
}

function told(p, shares, frame) {
  const { share_within: within, far_share, sum } = shares[frame];
  const half = Math.ceil(p.norms[frame].length / 2);
  const last = within === 1 ? "step" : `${within} steps`;
  const split = sum === 0 ? "All its parts are exactly 0."
    : `${whole(100 * MOST)} % of the summed length of its parts comes from the last ${last}; ` +
      `from ${half} steps back and more: ${short(far_share, 2)} of it.`;
  return `Step ${whole(p.steps[frame])}: whole gradient ${short(p.totals[frame], 2)}. ${split} ` +
    `Loss ${short(p.losses[frame])}, chance ${short(p.chance)}.`;
}

// Goes through the frames while it plays; slower for people whose system is set to less motion.
function player(root, advance, show) {
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    show(false);
  };
  const start = () => {
    const pause = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 1500 : 200;
    timer = setInterval(() => { if (!root.isConnected || !advance()) stop(); }, pause);
    show(true);
  };
  return { stop, turn: () => (timer === null ? start() : stop()) };
}

// The slider over the frames, which tells the step it stands at.
function frameSlider(p, go) {
  const input = tag("input", { type: "range", min: 0, max: p.steps.length - 1, step: 1, value: 0, "data-key": "frame" });
  const output = tag("output", { "aria-live": "off" });
  input.addEventListener("input", () => go(Number(input.value)));
  const label = tag("label", { class: "film" });
  label.append(tag("span", {}, "frame"), input, output);
  const set = (frame) => {
    input.value = frame;
    output.textContent = `step ${whole(p.steps[frame])}`;
    input.setAttribute("aria-valuetext", output.textContent);
  };
  return { label, set };
}

export function mount(element, p) {
  const shares = compute(p);
  const last = p.steps.length - 1;
  let at = 0;
  const root = frame("lag-river", "Film of the gradient, split by lag");
  const [left, right, text] = [box(""), box(""), teller()];
  const go = (to) => { at = Math.max(0, Math.min(last, to)); update(); };
  const film = player(root, () => { go(at + 1); return at < last; }, (playing) => {
    play.textContent = playing ? "Pause" : "▶ Play";
    text.setAttribute("aria-live", playing ? "off" : "polite"); // no screen reader keeps up with a film
  });
  const by = (change) => () => { film.stop(); go(at + change); };
  const play = button("▶ Play", () => { if (at === last) go(0); film.turn(); });
  const [back, next] = [button("◀ Back", by(-1)), button("Next ▶", by(1))];
  const frames = frameSlider(p, (to) => { film.stop(); go(to); });
  function update() {
    left.replaceChildren(bars(p, shares, at));
    right.replaceChildren(lossStrip(p, at));
    text.textContent = told(p, shares, at);
    frames.set(at);
    back.disabled = at === 0;
    next.disabled = at === last;
    Object.assign(root.dataset, { frame: at, shareWithin: shares[at].share_within,
      farShare: shares[at].far_share });
  }
  const floor = decades(p.norms)[0];
  const hidden = p.norms.flat().some((norm) => norm > 0 && norm < 10 ** floor);
  const legend = key([
    [`the last steps, which hold ${whole(100 * MOST)} % of the sum`, { fill: RNN }, "rect"],
    [hidden ? `the rest (below ${decade(floor)} not drawn)` : "the rest", { fill: "#9a9a9a" }, "rect"],
    [`chance, a loss of ${short(p.chance)}`, { stroke: DARK, "stroke-dasharray": "7 5", "stroke-width": 1.5 }],
  ]);
  root.append(box("panels", left, right), legend, box("row", play, back, next, frames.label), text);
  element.append(root);
  update();
}

const render = hosted(mount);

export default { render };
