// What is believed of a detector's boxes: two thresholds, and what becomes of precision and recall.
// params: { names: K classes, images: N PNGs in base64, size: [width, height] of each, found: N × (left, top, right,
//           bottom, class, score) each, truth: N × (left, top, right, bottom, class) each, scores: of the chart }

import {
  BLUE, DARK, RNN, box, chart, curve, fixed, frame, hosted, inside, key, slider, tag, teller, whole,
} from "../shared/common.js";

const MET = "#00785a"; // a true box that was met

export function agreement(a, b) {
  const side = (low, high) => Math.max(Math.min(a[high], b[high]) - Math.max(a[low], b[low]), 0);
  const area = (one) => (one[2] - one[0]) * (one[3] - one[1]);
  const shared = side(0, 2) * side(1, 3);
  return shared / (area(a) + area(b) - shared);
}

// Of one picture: the boxes that are believed, with the true box that each meets or -1; and which true ones are met.
export function matched(found, truth, score, iou) {
  const said = found.filter((one) => one[5] >= score).sort((one, other) => other[5] - one[5]);
  const met = truth.map(() => false);
  const meets = said.map((one) => {
    let [best, at] = [iou, -1];
    truth.forEach((real, t) => {
      const agrees = agreement(one, real);
      if (!met[t] && real[4] === one[4] && agrees >= best && (at < 0 || agrees > best)) [best, at] = [agrees, t];
    });
    if (at >= 0) met[at] = true;
    return at;
  });
  return { said, meets, met };
}

// Over all pictures: `right`, `wrong`, `missed`, `precision` (1 where nothing is believed) and `recall`; `pictures`.
export function compute({ found, truth, score, iou }) {
  const pictures = found.map((boxes, n) => matched(boxes, truth[n], score, iou));
  const right = pictures.flatMap(({ meets }) => meets).filter((at) => at >= 0).length;
  const wrong = pictures.flatMap(({ meets }) => meets).length - right;
  const missed = pictures.flatMap(({ met }) => met).filter((one) => !one).length;
  return { pictures, right, wrong, missed, precision: right + wrong ? right / (right + wrong) : 1,
    recall: right / (right + missed) };
}

export function told(p, all) {
  const one = all.pictures[p.picture - 1];
  const right = one.meets.filter((at) => at >= 0).length;
  const here = `Picture ${whole(p.picture)}: ${right} right, ${one.meets.length - right} wrong, ` +
    `${one.met.filter((met) => !met).length} missed.`;
  return `${here} All ${p.found.length}: ${all.right} right, ${all.wrong} wrong, ${all.missed} missed; precision ` +
    `${fixed(all.precision)}, recall ${fixed(all.recall)}.`;
}

function picture(p, { said, meets, met }) {
  const [width, height] = p.size;
  const label = `Picture ${p.picture}: ${said.map((one, n) => `${p.names[one[4]]} ${fixed(one[5])} ` +
    `${meets[n] >= 0 ? "right" : "wrong"}`).join(", ") || "nothing is believed"}`;
  const svg = tag("svg", { viewBox: `-1 -5 ${width + 2} ${height + 6}`, role: "img", "aria-label": label });
  svg.append(tag("image", { href: `data:image/png;base64,${p.images[p.picture - 1]}`, width, height,
    style: "image-rendering: pixelated" }));
  const rect = ([left, top, right, bottom], attributes) => svg.append(tag("rect", { x: left, y: top,
    width: right - left, height: bottom - top, fill: "none", "stroke-width": 0.8, ...attributes }));
  p.truth[p.picture - 1].forEach((real, t) => rect(real, { stroke: met[t] ? MET : "#fff",
    "stroke-dasharray": met[t] ? "none" : "1 1" }));
  said.forEach((one, n) => {
    const colour = meets[n] >= 0 ? "#56B4E9" : RNN;
    rect(one, { stroke: colour, "stroke-dasharray": meets[n] >= 0 ? "none" : "2.5 1" });
    const text = tag("text", { x: one[0], y: Math.max(one[1] - 1, -1), "font-size": 4.5, style: `fill: ${colour}`,
      "paint-order": "stroke", stroke: "#000", "stroke-width": 0.9 }, `${p.names[one[4]]} ${fixed(one[5])}`);
    svg.append(text);
  });
  return svg;
}

function shares(p) {
  const rows = p.scores.map((score) => [score, compute({ ...p, score })]);
  const now = compute(p);
  const axes = chart(`At a score of ${fixed(p.score)} precision ${fixed(now.precision)}, recall ${fixed(now.recall)}.`,
    260, { range: [0, 1], label: "lowest score that is believed" }, { range: [0, 1.02], label: "share" });
  curve(axes, rows.map(([score, { precision }]) => [score, precision]), { stroke: BLUE });
  curve(axes, rows.map(([score, { recall }]) => [score, recall]), { stroke: RNN, "stroke-dasharray": "6 3" });
  curve(axes, [[p.score, 0], [p.score, 1.02]], { stroke: DARK, "stroke-width": 1, "stroke-dasharray": "5 4" });
  return axes.svg;
}

export function mount(element, params) {
  const p = { score: 0.3, iou: 0.5, picture: 1, ...params };
  const root = frame("box-sliders", "Which boxes are believed, and which count as right");
  const [left, right, text] = [box(""), box(""), teller()];
  function update() {
    const all = compute(p);
    left.replaceChildren(picture(p, all.pictures[p.picture - 1]));
    right.replaceChildren(shares(p));
    text.textContent = told(p, all);
    Object.assign(root.dataset, { score: p.score, iou: p.iou, picture: p.picture, precision: all.precision,
      recall: all.recall });
  }
  const controls = [slider(p, "score", "lowest score", update, [0.05, 0.95, 0.05]),
    slider(p, "iou", "lowest IoU", update, [0.1, 0.95, 0.05]),
    slider(p, "picture", "picture", update, [1, p.found.length, 1])];
  for (const label of controls) label.classList.add("film");
  const legend = key([["right", { fill: "none", stroke: "#56B4E9", "stroke-width": 3 }, "rect"],
    ["wrong", { fill: "none", stroke: RNN, "stroke-width": 3, "stroke-dasharray": "5 2" }, "rect"],
    ["true box, met", { fill: "none", stroke: MET, "stroke-width": 3 }, "rect"],
    ["true box, missed", { fill: "#222", stroke: "#fff", "stroke-width": 3, "stroke-dasharray": "2 2" }, "rect"],
    ["precision", { stroke: BLUE, "stroke-width": 3 }],
    ["recall", { stroke: RNN, "stroke-width": 3, "stroke-dasharray": "6 3" }]]);
  root.append(box("row", ...controls), box("panels", left, right), legend, text);
  inside(root, tag("style", {}, ".box-sliders .told { min-height: 3em; }"));
  element.append(root);
  update();
}

const render = hosted(mount);

export default { render };
