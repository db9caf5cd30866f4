// CTC on paper: a word of a and b in a few frames, all its alignments as ways through a lattice, and their sum.
// params: { word, frames, weights: [[blank, a, b], … of 6 frames], ranges: { frames: [min, max, step], weight: … } }

import {
  BLUE, DARK, box, button, chart, curve, frame, hosted, inside, key, menu, short, slider, tag, teller, uniform,
} from "../shared/common.js";

const SYMBOLS = "-ab"; // the blank first
const WORDS = ["a", "b"].flatMap((x) => [x, ...["a", "b"].flatMap((y) => [x + y, `${x}${y}a`, `${x}${y}b`])])
  .sort((one, other) => one.length - other.length || (one < other ? -1 : 1));

// Weights of 0 or more as probabilities; all 0: all alike.
const shares = (weights) => {
  const sum = weights.reduce((one, other) => one + other);
  return weights.map((weight) => (sum ? weight / sum : 1 / weights.length));
};

const statesOf = (word) => `-${[...word].join("-")}-`;

// The states from which a path can come to state s: itself, the one before, and over a blank between unlike letters.
const sources = (states, s) => [s, s - 1, s - 2].filter((from) => from >= 0
  && (from > s - 2 || (states[s] !== "-" && states[s] !== states[from])));

const collapsed = (path) => [...path].filter((symbol, t) => symbol !== "-" && symbol !== path[t - 1]).join("");

// The frames that a word needs: one for each letter, and one for a blank between two equal ones.
const fewest = (word) => word.length + [...word].filter((letter, n) => letter === word[n - 1]).length;

// Sums over the ways into each state (forward), or out of it (backward), both with the frame's own probability.
function forwardOf(states, rows) {
  const alpha = [rows[0].map((p, s) => (s < 2 ? p : 0))];
  for (let t = 1; t < rows.length; t++) {
    alpha.push(rows[t].map((p, s) => p * sources(states, s).reduce((sum, from) => sum + alpha[t - 1][from], 0)));
  }
  return alpha;
}

// The word read backwards has the same states in reverse.
function backwardOf(states, rows) {
  const turned = forwardOf([...states].reverse().join(""), [...rows].reverse().map((row) => [...row].reverse()));
  return turned.reverse().map((row) => row.reverse());
}

// Every path, with its probability, the most probable first.
function allPaths(probabilities) {
  let paths = [["", 1]];
  for (const row of probabilities) {
    paths = paths.flatMap(([path, p]) => row.map((q, k) => [path + SYMBOLS[k], p * q]));
  }
  return paths.sort((one, other) => other[1] - one[1]);
}

function bestReadings(paths) {
  const sums = {};
  for (const [path, p] of paths) sums[collapsed(path)] = (sums[collapsed(path)] ?? 0) + p;
  return Object.entries(sums).sort((one, other) => other[1] - one[1]);
}

// forward[t][s]: α; posteriors[t][s]: the share of P that passes there; moves: [t, from, to, share], into frame t;
// open[t][s]: does any alignment pass there? loss in nats, null: infinite. best: alignments, paths and readings as
// [text, probability], the most probable first.
export function compute({ word, frames, weights }) {
  const states = statesOf(word);
  const probabilities = weights.slice(0, frames).map(shares);
  const rows = probabilities.map((row) => [...states].map((symbol) => row[SYMBOLS.indexOf(symbol)]));
  const ones = rows.map((row) => row.map(() => 1));
  const total = (alpha) => alpha.at(-1).slice(-2).reduce((sum, value) => sum + value, 0);
  const [forward, backward] = [forwardOf(states, rows), backwardOf(states, rows)];
  const [counts, countsBack] = [forwardOf(states, ones), backwardOf(states, ones)];
  const probability = total(forward);
  const share = (value) => (probability ? value / probability : 0);
  const moves = [];
  for (let t = 1; t < frames; t++) {
    [...states].forEach((_, s) => sources(states, s).forEach((from) => {
      if (counts[t - 1][from] && countsBack[t][s]) moves.push([t, from, s, share(forward[t - 1][from] * backward[t][s])]);
    }));
  }
  const paths = allPaths(probabilities);
  return {
    states, probabilities, forward, probability, moves, loss: probability ? -Math.log(probability) : null,
    posteriors: forward.map((row, t) => row.map((value, s) => (rows[t][s] ? share((value * backward[t][s]) / rows[t][s]) : 0))),
    open: counts.map((row, t) => row.map((count, s) => count * countsBack[t][s] > 0)),
    count: total(counts),
    best: {
      alignments: paths.filter(([path]) => collapsed(path) === word).slice(0, 3),
      paths: paths.slice(0, 1),
      readings: bestReadings(paths).slice(0, 3),
    },
  };
}

// ---------------------------------------------------------------------------------------------------------------------
// In words

const quoted = (text) => (text ? `“${text}”` : "nothing");

const counted = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;

// How probable the word is, in one sentence.
export function verdict({ word, frames }, { probability, loss, count }) {
  if (!count) {
    const blanks = fewest(word) - word.length;
    const between = blanks ? ` and ${counted(blanks, "blank")} between equal letters` : "";
    return `“${word}” cannot be said in ${frames} frames: it needs ${fewest(word)}, for ${counted(word.length, "letter")}`
      + `${between}. P is 0, and the loss infinite.`;
  }
  const over = count === 1 ? "there is one alignment" : `the sum over ${count} alignments`;
  if (loss === null) return `P(“${word}”) = 0: ${over}, of probability 0 here. The loss is infinite.`;
  return `P(“${word}”) = ${short(probability)}: ${over}. The loss is −ln P = ${short(Math.abs(loss))}.`;
}

// How α came about at one frame and state.
function summed(p, run, t, s) {
  const name = `α at frame ${t + 1}, state ${s + 1} (${run.states[s]})`;
  const own = short(run.probabilities[t][SYMBOLS.indexOf(run.states[s])]);
  const value = short(run.forward[t][s]);
  if (!t) {
    return s < 2 ? `${name} is ${value}: the probability of ${run.states[s]} there. Paths begin in the first two states.`
      : `${name} is 0: paths begin in the first two states.`;
  }
  const from = sources(run.states, s);
  const terms = from.map((k) => short(run.forward[t - 1][k])).join(" + ");
  const names = ["stay", "from the state before", "over the blank"];
  const told = from.map((k) => names[s - k]).join(", ");
  return `${name} is ${from.length > 1 ? `(${terms})` : terms} · ${own} = ${value}: ${told}; times the probability of `
    + `${run.states[s]} at this frame.`;
}

function told(p, run, t, s) {
  const [[path, chance]] = run.best.paths;
  const [[reading, most]] = run.best.readings;
  const best = run.best.alignments.map(([text, value]) => `${text} ${short(value)}`).join(", ");
  const agree = collapsed(path) === reading ? "" : " They do not agree.";
  return [
    verdict(p, run),
    best ? `Its best alignment${run.best.alignments.length > 1 ? "s" : ""}: ${best}.` : "",
    `Of all paths the best is ${path} (${short(chance)}): it reads ${quoted(collapsed(path))}. Summed over paths, most `
      + `probable is ${quoted(reading)} (${short(most)}).${agree}`,
    summed(p, run, t, s),
  ];
}

// ---------------------------------------------------------------------------------------------------------------------
// Pictures

const BAND = "#ffe9a8";
const ROW = 38; // units between two states
const DEAD = "#bbb"; // what no alignment passes

function over(frames, t, label, height, y) {
  const x = { range: [0.5, frames + 0.5], label: "frame", ticks: [...Array(frames).keys()].map((k) => k + 1) };
  const axes = chart(label, height, x, y);
  axes.plot.append(tag("rect", { x: axes.X(t + 0.5), y: 0, width: axes.X(1) - axes.X(0), height, fill: BAND }));
  return axes;
}

function lattice(run, t, s, choose) {
  const { states, forward, posteriors, moves, open } = run;
  const [T, S] = [forward.length, states.length];
  const passes = posteriors[t].map((value, k) => `${k + 1} (${states[k]}) ${short(value, 2)}`).join(", ");
  const label = `Lattice of ${S} states and ${T} frames. The shares of P that pass at frame ${t + 1}: state ${passes}.`;
  const levels = [...Array(S).keys()];
  const axes = over(T, t, label, 70 + ROW * S, { range: [0, S], ticks: levels.map((k) => k + 0.5),
    name: (level) => states[S - 0.5 - level], label: "states, from the first (above) to the last; at each α" });
  const [place, height] = [(k) => axes.X(k + 1), (k) => axes.Y(S - 0.3 - k)];
  for (const [into, from, to, share] of moves) {
    const look = share > 0.005 ? { stroke: BLUE, "stroke-width": 1 + 4 * share } : { stroke: DEAD, "stroke-width": 1 };
    curve(axes, [[into, S - 0.3 - from], [into + 1, S - 0.3 - to]], look);
  }
  for (let k = 0; k < T; k++) {
    for (const level of levels) {
      const on = open[k][level];
      const r = on ? 4 + 7 * Math.sqrt(posteriors[k][level]) : 2.5;
      const look = on ? { fill: posteriors[k][level] > 0.005 ? BLUE : "#fff", stroke: DARK } : { fill: DEAD, stroke: DEAD };
      const node = tag("circle", { cx: place(k), cy: height(level), r, "stroke-width": 1, ...look });
      const text = tag("text", { x: place(k), y: height(level) + 22, "text-anchor": "middle", "font-size": 11,
        stroke: k === t ? BAND : "#fff", "stroke-width": 3, "paint-order": "stroke" }, short(forward[k][level], 2));
      const area = tag("rect", { x: place(k) - 20, y: height(level) - 11.5, width: 40, height: ROW - 4,
        fill: "transparent", cursor: "pointer" });
      if (k === t && level === s) Object.assign(area.style, { stroke: DARK, strokeWidth: 2 });
      area.addEventListener("click", () => choose(k, level));
      axes.plot.append(node, text, area);
    }
  }
  return axes.svg;
}

function table({ probabilities }, t) {
  const T = probabilities.length;
  const now = probabilities[t].map((value, k) => `${SYMBOLS[k]} ${value.toFixed(2)}`).join(", ");
  const axes = over(T, t, `The probabilities of ${T} frames; at frame ${t + 1}: ${now}.`, 148,
    { range: [0, 3], ticks: [0.5, 1.5, 2.5], name: (row) => SYMBOLS[2.5 - row], label: "probabilities at each frame" });
  const [wide, high] = [0.86 * (axes.X(1) - axes.X(0)), 0.82 * (axes.Y(0) - axes.Y(1))];
  probabilities.forEach((row, k) => row.forEach((value, n) => {
    const [x, y] = [axes.X(k + 1), axes.Y(2.5 - n)];
    const cell = { x: x - wide / 2, y: y - high / 2, width: wide, height: high };
    axes.plot.append(tag("rect", { ...cell, fill: "#fff", stroke: k === t ? DARK : "#999" }),
      tag("rect", { ...cell, fill: BLUE, "fill-opacity": 0.55 * value }),
      tag("text", { x, y: y + 4, "text-anchor": "middle", "font-size": 12 }, value.toFixed(2)));
  }));
  return axes.svg;
}

// ---------------------------------------------------------------------------------------------------------------------
// Controls

const MOST = 8; // the weight of what a button makes probable

const peaked = (symbol) => [...SYMBOLS].map((other) => (other === symbol ? MOST : 1));

// Weights that say the word, where it fits: letters as early as they can be, then blanks.
function spelled(word, frames) {
  const path = [...word].map((letter, n) => (letter === word[n - 1] ? `-${letter}` : letter)).join("");
  return [...path.padEnd(frames, "-").slice(0, frames)].map(peaked);
}

export function mount(element, params) {
  const p = { ...params, weights: params.weights.map((row) => [...row]) };
  const chosen = { frame: 1, state: 2, seed: 0 };
  const root = frame("ctc-lattice", "CTC lattice");
  const [charts, sliders, text] = [box(""), box("stacked"), teller()];
  text.style.minHeight = "13em"; // so that what stands below it on a phone stays where it is
  const look = () => {
    const states = 2 * p.word.length + 1;
    chosen.frame = Math.min(chosen.frame, p.frames);
    chosen.state = Math.min(chosen.state, states);
    return states;
  };
  function arrange() {
    const states = look();
    const row = p.weights[chosen.frame - 1];
    sliders.replaceChildren(
      slider(chosen, "frame", "look at frame", arrangeAnd("frame"), [1, p.frames, 1]),
      slider(chosen, "state", "look at state", update, [1, states, 1]),
      ...[...SYMBOLS].map((symbol, k) => slider(row, k, `frame ${chosen.frame}: weight of ${symbol === "-" ? "the blank -" : symbol}`,
        update, p.ranges.weight)),
    );
    update();
  }
  // The sliders of the weights belong to another frame now; the one that was moved keeps the focus.
  const arrangeAnd = (name) => () => { arrange(); sliders.querySelector(`[data-key="${name}"]`).focus(); };
  const choose = (k, level) => { [chosen.frame, chosen.state] = [k + 1, level + 1]; arrange(); };
  const fill = (rows) => () => { rows().forEach((row, k) => { p.weights[k] = row; }); arrange(); };
  const random = () => {
    const next = uniform(++chosen.seed);
    return p.weights.map((row) => row.map(() => Math.floor(next() * 9)));
  };
  const buttons = [
    button("All alike", fill(() => p.weights.map(() => [1, 1, 1]))),
    button("Spell it", fill(() => spelled(p.word, p.frames))),
    button("Mostly blank", fill(() => p.weights.map(() => peaked("-")))),
    button("At random", fill(random)),
  ];
  function update() {
    look();
    const run = compute(p);
    const [t, s] = [chosen.frame - 1, chosen.state - 1];
    charts.replaceChildren(table(run, t), lattice(run, t, s, choose));
    text.replaceChildren(...told(p, run, t, s).map((line) => tag("div", {}, line)));
    Object.assign(root.dataset, { word: p.word, frames: p.frames, probability: run.probability, count: run.count,
      frame: chosen.frame, state: chosen.state });
  }
  const words = menu(p, "word", "word", WORDS.map((word) => [word, word]), arrange);
  const frames = slider(p, "frames", "frames", arrange, p.ranges.frames);
  const legend = key([["the larger, the more of P passes", { fill: BLUE, stroke: DARK }, "circle"],
    ["leads nowhere", { fill: DEAD, stroke: DEAD, r: 3 }, "circle"]]);
  const left = inside(box("wide"), charts, legend);
  const right = inside(box("narrow"), box("row", ...buttons), sliders, text);
  root.append(box("row", words, frames), box("panels", left, right));
  element.append(root);
  arrange();
}

const render = hosted(mount);

export default { render };
