// Two classes in a plane, and a small network that learns the border between them here, in the browser.
// params: { train: { x: [[one, other], …], y: [0 or 1, …] }, valid: likewise, classes: [name, name], letters, columns,
//           things, ceiling (null where it is not known), width, depth, activation, lr, training, seed, ranges, rates }

import {
  BLUE, DARK, RNN, box, button, chart, curve, frame, hosted, inside, key, menu, short, sigmoid, slider, tag, teller,
  ticks, uniform, whole,
} from "../shared/common.js";

// What a hidden layer does to each number, and the derivative of that, from what comes out.
const ACTIVATIONS = {
  none: [(z) => z, () => 1],
  relu: [(z) => (z > 0 ? z : 0), (h) => (h > 0 ? 1 : 0)],
  tanh: [Math.tanh, (h) => 1 - h * h],
  sigmoid: [sigmoid, (h) => h * (1 - h)],
};

// `depth` hidden layers of `width` units between 2 inputs and 2 scores. The first weights and biases are uniform
// within ± 1/√inputs, as torch's nn.Linear has them; W is kept row by row.
function network({ width, depth, activation, seed }) {
  const random = uniform(seed);
  const sizes = [2, ...Array(depth).fill(width), 2];
  const layers = sizes.slice(1).map((outputs, k) => {
    const [inputs, reach] = [sizes[k], 1 / Math.sqrt(sizes[k])];
    const drawn = (length) => Float64Array.from({ length }, () => reach * (2 * random() - 1));
    return { inputs, outputs, W: drawn(outputs * inputs), b: drawn(outputs) };
  });
  return { layers, activation, step: 0 };
}

// The inputs and what comes out of each layer, for N rows one after the other.
function forward({ layers, activation }, x) {
  const [bend] = ACTIVATIONS[activation];
  const passed = [x];
  layers.forEach(({ inputs, outputs, W, b }, k) => {
    const [from, last, rows] = [passed[k], k === layers.length - 1, x.length / 2];
    const to = new Float64Array(rows * outputs);
    for (let n = 0; n < rows; n++) {
      for (let u = 0; u < outputs; u++) {
        let z = b[u];
        for (let i = 0; i < inputs; i++) z += W[u * inputs + i] * from[n * inputs + i];
        to[n * outputs + u] = last ? z : bend(z);
      }
    }
    passed.push(to);
  });
  return passed;
}

// The mean cross-entropy, how many rows are named correctly, and the gradient with respect to the scores.
function judged(scores, y) {
  const delta = new Float64Array(scores.length);
  let [loss, right] = [0, 0];
  y.forEach((label, n) => {
    const margin = scores[2 * n + label] - scores[2 * n + 1 - label];
    loss += (Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)))) / y.length;
    right += (scores[2 * n + 1] > scores[2 * n] ? 1 : 0) === label;
    delta[2 * n + 1 - label] = sigmoid(-margin) / y.length;
    delta[2 * n + label] = -delta[2 * n + 1 - label];
  });
  return { loss, right, delta };
}

// The gradient of the loss for every layer, from the last to the first.
function backward({ layers, activation }, passed, delta) {
  const [, slope] = ACTIVATIONS[activation];
  const gradients = [];
  for (let k = layers.length - 1; k >= 0; k--) {
    const { inputs, outputs, W } = layers[k];
    const [from, before] = [passed[k], new Float64Array(passed[k].length)];
    const found = { W: new Float64Array(W.length), b: new Float64Array(outputs) };
    for (let n = 0; n < delta.length / outputs; n++) {
      for (let u = 0; u < outputs; u++) {
        const d = delta[n * outputs + u];
        found.b[u] += d;
        for (let i = 0; i < inputs; i++) {
          found.W[u * inputs + i] += d * from[n * inputs + i];
          before[n * inputs + i] += d * W[u * inputs + i];
        }
      }
    }
    gradients.unshift(found);
    if (k) delta = before.map((d, n) => d * slope(from[n]));
  }
  return gradients;
}

// One step of Adam (Kingma & Ba 2015) with its usual constants; the moments are kept in the network.
function adam(net, gradients, lr) {
  net.step += 1;
  const zeros = (values) => [0, 1].map(() => new Float64Array(values.length));
  net.moments ??= gradients.map(({ W, b }) => ({ W: zeros(W), b: zeros(b) }));
  const [fast, slow] = [0.9, 0.999];
  const size = lr / (1 - fast ** net.step);
  const spread = Math.sqrt(1 - slow ** net.step);
  gradients.forEach((found, k) => ["W", "b"].forEach((name) => {
    const [values, gradient, [mean, square]] = [net.layers[k][name], found[name], net.moments[k][name]];
    for (let n = 0; n < values.length; n++) {
      mean[n] = fast * mean[n] + (1 - fast) * gradient[n];
      square[n] = slow * square[n] + (1 - slow) * gradient[n] ** 2;
      values[n] -= (size * mean[n]) / (Math.sqrt(square[n]) / spread + 1e-8);
    }
  }));
}

// Rows in units of the standard deviation of the first `training` rows to train on, counted from their mean.
function scaled({ train, training }) {
  const rows = train.x.slice(0, training);
  const mean = [0, 1].map((k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
  const square = (m, k) => rows.reduce((sum, row) => sum + (row[k] - m) ** 2, 0) / (rows.length - 1);
  const spread = mean.map((m, k) => Math.sqrt(square(m, k)) || 1);
  return (x) => Float64Array.from(x.flatMap((row) => row.map((value, k) => (value - mean[k]) / spread[k])));
}

// A network at its start, with the rows that it learns from and those that judge it.
function start(p) {
  const scale = scaled(p);
  const part = ({ x, y }, count) => ({ x: scale(x.slice(0, count)), y: y.slice(0, count) });
  return { scale, net: network(p), train: part(p.train, p.training), valid: part(p.valid) };
}

// Full-batch training: every step looks at all rows to train on.
function advance({ net, train }, lr, steps) {
  for (let n = 0; n < steps; n++) {
    const passed = forward(net, train.x);
    adam(net, backward(net, passed, judged(passed.at(-1), train.y).delta), lr);
  }
}

// Loss and number of rights on both parts, and how many of the second class it names among those that judge.
function report({ net, train, valid }) {
  const [own, other] = [train, valid].map((part) => {
    const scores = forward(net, part.x).at(-1);
    return { ...judged(scores, part.y), of: part.y.length,
      second: part.y.filter((_, n) => scores[2 * n + 1] > scores[2 * n]).length };
  });
  return { step: net.step, loss: own.loss, right: own.right, of: own.of, valid_loss: other.loss, valid_right: other.right,
    valid_of: other.of, valid_second: other.second };
}

// After `steps` steps: what `report` says, the weights, and the gradients at these weights.
export function compute({ steps, ...p }) {
  const run = start(p);
  advance(run, p.lr, steps);
  const passed = forward(run.net, run.train.x);
  const plain = ({ W, b }) => ({ W: [...W], b: [...b] });
  const gradients = backward(run.net, passed, judged(passed.at(-1), run.train.y).delta);
  return { ...report(run), weights: run.net.layers.map(plain), gradients: gradients.map(plain) };
}

const APART = 0.1; // a larger difference of two shares is worth a sentence

// What the training has come to, in one sentence.
export function verdict({ classes, things }, { step, right, of, valid_right, valid_of, valid_second }) {
  const one = valid_second === 0 ? 0 : valid_second === valid_of ? 1 : null;
  const [own, other] = [`${whole(right)} of its ${whole(of)}`, `${whole(valid_right)} of ${whole(valid_of)}`];
  const shares = `${own} training ${things} and ${other} validation ${things}`;
  const when = `After ${whole(step)} step${step === 1 ? "" : "s"}`;
  const first = step ? when : "Untrained,";
  if (one !== null) return `${first} the network calls every one of the validation ${things} “${classes[one]}”.`;
  if (!step) return `${first} the network names ${shares} correctly.`;
  const apart = right / of - valid_right / valid_of > APART;
  return `${when} the network names ${shares} correctly${apart ? ": it knows its own better than new ones" : ""}.`;
}

const equal = Math.log(2); // the loss of a network that gives both classes the same probability
const [FILLS, STROKES] = [["#dbeaf5", "#fbe3d4"], [BLUE, RNN]];

// Low and high end of a column, with a little room.
function extent(p, k) {
  const values = [...p.train.x, ...p.valid.x].map((row) => row[k]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.05 * (high - low) || 1;
  return [low - room, high + room];
}

const [COLUMNS, ROWS] = [72, 56];

// How far the second class is ahead of the first, in scores, at the nodes of a grid over the plane: [row][column].
function plane(run, [left, right], [low, high]) {
  const at = (from, to, share) => from + share * (to - from);
  const nodes = Array.from({ length: ROWS + 1 }, (_, j) => Array.from({ length: COLUMNS + 1 }, (_, i) =>
    [at(left, right, i / COLUMNS), at(low, high, j / ROWS)]));
  const scores = forward(run.net, run.scale(nodes.flat())).at(-1);
  return nodes.map((row, j) => row.map((_, i) => {
    const n = j * (COLUMNS + 1) + i;
    return scores[2 * n + 1] - scores[2 * n];
  }));
}

// Where a row of the grid changes class, cut into [from, to, class], in columns; exact where the score is straight.
function runs(row) {
  const found = [[0, 0, row[0] > 0 ? 1 : 0]];
  for (let i = 1; i < row.length; i++) {
    const now = row[i] > 0 ? 1 : 0;
    const last = found.at(-1);
    last[1] = i;
    if (now === last[2]) continue;
    last[1] = i - 1 + row[i - 1] / (row[i - 1] - row[i]);
    found.push([last[1], i, now]);
  }
  return found;
}

// The border as pieces [[column, row], [column, row]]: where the sides of each cell cross it (marching squares).
function border(score) {
  const pieces = [];
  for (let j = 0; j < ROWS; j++) {
    for (let i = 0; i < COLUMNS; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const values = corners.map(([column, row]) => score[row][column]);
      const crossings = corners.flatMap((corner, n) => {
        const [a, b, next] = [values[n], values[(n + 1) % 4], corners[(n + 1) % 4]];
        return (a > 0) === (b > 0) ? [] : [corner.map((from, k) => from + (a / (a - b)) * (next[k] - from))];
      });
      for (let n = 0; n < crossings.length; n += 2) pieces.push([crossings[n], crossings[n + 1]]);
    }
  }
  return pieces;
}

// Where each class is furthest ahead, not too near the edge: [row, column], null where it is ahead nowhere.
function strongholds(score) {
  const [found, most] = [[null, null], [0, 0]];
  for (let j = 4; j <= ROWS - 4; j++) {
    for (let i = 4; i <= COLUMNS - 4; i++) {
      const name = score[j][i] > 0 ? 1 : 0;
      if (found[name] && Math.abs(score[j][i]) <= most[name]) continue;
      [found[name], most[name]] = [[j, i], Math.abs(score[j][i])];
    }
  }
  return found;
}

const LETTER = { "text-anchor": "middle", "font-size": 22, "font-weight": 700, stroke: "#fff", "stroke-width": 4,
  "paint-order": "stroke", "aria-hidden": "true" };

// The two regions: colour, lines across the second, and the border. Returns the letters, to be put on top.
function regions({ plot, X, Y }, p, score, [left, right], [low, high]) {
  const [px, py] = [(i) => X(left + (i / COLUMNS) * (right - left)), (j) => Y(low + (j / ROWS) * (high - low))];
  const paths = { 0: "", 1: "", lines: "" };
  const half = (py(0) - py(1)) / 2;
  score.forEach((row, j) => runs(row).forEach(([from, to, name]) => {
    const [x, width, y] = [px(from), (px(to) - px(from)).toFixed(2), py(j)];
    paths[name] += `M${x.toFixed(2)} ${(y - half - 0.2).toFixed(2)}h${width}v${(2 * half + 0.4).toFixed(2)}h-${width}z`;
    if (name === 1 && j % 3 === 1) paths.lines += `M${x.toFixed(2)} ${y.toFixed(2)}h${width}`;
  }));
  plot.append(...[0, 1].map((name) => tag("path", { d: paths[name], fill: FILLS[name] })));
  plot.append(tag("path", { d: paths.lines, stroke: "#e9b795", "stroke-width": 1 }));
  const point = ([i, j], n) => `${n ? "L" : "M"}${px(i).toFixed(2)} ${py(j).toFixed(2)}`;
  const d = border(score).map((piece) => piece.map(point).join("")).join("");
  plot.append(tag("path", { d, fill: "none", stroke: DARK, "stroke-width": 2 }));
  return strongholds(score).flatMap((place, name) =>
    (place ? [tag("text", { x: px(place[1]), y: py(place[0]) + 7, ...LETTER }, p.letters[name])] : []));
}

// A circle or a triangle, dark and thick where the network names it wrongly.
function mark({ plot, X, Y }, [one, other], label, wrong, small) {
  const [x, y, r] = [X(one), Y(other), small ? 2.4 : 4];
  const look = { fill: small ? "#fff" : STROKES[label], stroke: wrong ? DARK : small ? STROKES[label] : "#fff",
    "stroke-width": wrong ? 2.2 : 1 };
  const d = `M${x.toFixed(1)} ${(y - 1.25 * r).toFixed(1)}l${1.15 * r} ${2 * r}h${-2.3 * r}z`;
  plot.append(label ? tag("path", { d, ...look }) : tag("circle", { cx: x, cy: y, r, ...look }));
}

function marks(axes, run, { x, y }, scores, small) {
  y.forEach((label, n) => mark(axes, x[n], label, (scores[2 * n + 1] > scores[2 * n] ? 1 : 0) !== label, small));
}

function map(p, run, shown) {
  const ranges = [extent(p, 0), extent(p, 1)];
  const score = plane(run, ...ranges);
  const share = score.flat().filter((value) => value > 0).length / score.flat().length;
  const [x, y] = ranges.map((range, k) => ({ range, label: p.columns[k], ticks: ticks(...range, 5) }));
  const axes = chart(`The plane of ${p.columns.join(" and ")}, divided by the network: ${p.classes[1]} on ` +
    `${whole(100 * share)} % of it, ${p.classes[0]} on the rest. ${verdict(p, report(run))}`, 310, x, y);
  const letters = regions(axes, p, score, ...ranges);
  if (shown.valid) marks(axes, run, p.valid, forward(run.net, run.valid.x).at(-1), true);
  const some = { x: p.train.x.slice(0, p.training), y: p.train.y.slice(0, p.training) };
  marks(axes, run, some, forward(run.net, run.train.x).at(-1), false);
  axes.plot.append(...letters);
  return axes.svg;
}

const OWN = { stroke: DARK, "stroke-width": 2 };
const NEW = { stroke: "#AA3377", "stroke-width": 2.5, "stroke-dasharray": "6 3" };
const DASHED = { stroke: "#555", "stroke-width": 1.5, "stroke-dasharray": "2 3" };

// The losses over the steps of the training.
function losses(history) {
  const last = history.at(-1);
  const high = Math.max(0.8, 1.1 * Math.max(...history.flatMap(({ loss, valid_loss }) => [loss, valid_loss])));
  const axes = chart(`Loss over ${whole(last.step)} steps: now ${short(last.loss)} in training, ` +
    `${short(last.valid_loss)} in validation; ${short(equal)} is that of an even guess.`, 190,
  { range: [0, Math.max(10, last.step)], label: "step of training", ticks: ticks(0, Math.max(10, last.step), 4, 1) },
  { range: [0, high], label: "loss", ticks: ticks(0, high, 4) });
  curve(axes, [[0, equal], [Math.max(10, last.step), equal]], DASHED);
  curve(axes, history.map(({ step, valid_loss }) => [step, valid_loss]), NEW);
  curve(axes, history.map(({ step, loss }) => [step, loss]), OWN);
  return axes.svg;
}

const CEILING = { stroke: "#B8860B", "stroke-width": 3 };

// The share that always naming the more frequent class of the validation points has.
const chance = ({ valid }) => Math.max(...[0, 1].map((name) => valid.y.filter((y) => y === name).length)) / valid.y.length;

// The shares named correctly, as two bars, with chance and ceiling across.
function shares(p, now) {
  const bars = [["train", now.right / now.of, DARK], ["validation", now.valid_right / now.valid_of, "#AA3377"]];
  const lines = [["chance", chance(p)], ...(p.ceiling === null ? [] : [["Bayes classifier", p.ceiling]])];
  const said = [...bars, ...lines].map(([name, value]) => `${name} ${value.toFixed(3)}`).join(", ");
  const axes = chart(`Shares named correctly: ${said}.`, 150,
    { range: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], label: "share named correctly" },
    { range: [0, 2], ticks: [1.5, 0.5], name: (row) => bars[1.5 - row][0].slice(0, 5), label: "" }); // train, valid
  const [left, height] = [axes.X(0), axes.Y(0.3) - axes.Y(1)];
  bars.forEach(([, value, fill], row) => {
    axes.plot.append(tag("rect", { x: left, y: axes.Y(1.85 - row), width: axes.X(value) - left, height, fill }));
    const look = { x: left + 8, y: axes.Y(1.5 - row) + 5, "font-size": 13, style: "fill: #fff" };
    axes.plot.append(tag("text", look, value.toFixed(3)));
  });
  lines.forEach(([name, value]) => curve(axes, [[value, 0], [value, 2]], name === "chance" ? DASHED : CEILING));
  return axes.svg;
}

const triangle = (fill, stroke) => ({ d: "M15 1l5 9h-10z", fill, stroke });

function legends(p) {
  const wrong = { fill: "#fff", stroke: DARK, "stroke-width": 2.2 };
  return {
    map: key([
      [`${p.letters[0]}: ${p.classes[0]}, circles`, { fill: BLUE, stroke: BLUE }, "circle"],
      [`${p.letters[1]}: ${p.classes[1]}, triangles and lines`, triangle(RNN, RNN), "path"],
      ["named wrongly", wrong, "circle"],
    ]),
    charts: key([
      [`training ${p.things}`, OWN], [`validation ${p.things}`, NEW],
      [`knows nothing: loss ${short(equal)}, share ${short(chance(p))}`, DASHED],
      ...(p.ceiling === null ? [] : [[`Bayes classifier, ${short(p.ceiling)} of these validation ${p.things}`, CEILING]]),
    ]),
  };
}

function told(p, now) {
  const share = (right, of) => short(right / of);
  const small = (loss) => (loss < 0.001 ? "below 0.001" : short(loss));
  return [
    verdict(p, now),
    `Loss ${small(now.loss)} in training, ${small(now.valid_loss)} in validation. Shares named correctly: ` +
      `${share(now.right, now.of)} and ${share(now.valid_right, now.valid_of)}; always the same class ` +
      `${short(chance(p))}${p.ceiling === null ? "." : `, Bayes classifier ${short(p.ceiling)}.`}`,
  ];
}

const AT_ONCE = 300; // steps of one press of Train

// A box to tick that writes shown[name].
function tick(shown, name, text, update) {
  const input = tag("input", { type: "checkbox", "data-key": name });
  input.addEventListener("change", () => { shown[name] = input.checked; update(); });
  return inside(tag("label"), input, tag("span", {}, text));
}

// Trains a few steps at a time, as long as it is let.
function trainer(root, more, show) {
  let timer = null;
  let left = 0;
  const stop = () => { clearInterval(timer); timer = null; show(false); };
  const work = (steps) => {
    const some = Math.min(steps, left);
    left -= some;
    if (!root.isConnected) left = 0;
    else more(some);
    if (!left) stop();
  };
  const begin = () => {
    left = AT_ONCE;
    show(true);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    timer = setInterval(() => work(still ? AT_ONCE : 5), 40);
  };
  return { stop, turn: () => (timer === null ? begin() : stop()) };
}

export function mount(element, params) {
  const p = { ...params };
  const shown = { valid: false };
  const root = frame("boundary-explorer", "Boundary explorer");
  const [left, right, text] = [box(""), box(""), teller()];
  text.style.minHeight = "7em"; // so that what stands below it on a phone stays where it is
  let [run, history] = [null, []];
  const film = trainer(root, (steps) => step(steps), (running) => {
    train.textContent = running ? "Pause" : `▶ Train ${AT_ONCE} steps`;
    text.setAttribute("aria-live", running ? "off" : "polite"); // no screen reader keeps up with a film
    if (run) update();
  });
  const train = button(`▶ Train ${AT_ONCE} steps`, () => film.turn());
  const one = button("1 step", () => { film.stop(); step(1); });
  const reset = () => {
    film.stop();
    run = start(p);
    history = [report(run)];
    update();
  };
  function step(steps) {
    advance(run, p.lr, steps);
    history.push(report(run));
    update();
  }
  function update() {
    const now = report(run);
    left.replaceChildren(map(p, run, shown));
    right.replaceChildren(losses(history), shares(p, now));
    text.replaceChildren(...told(p, now).map((line) => tag("div", {}, line)));
    again.disabled = now.step === 0;
    Object.assign(root.dataset, { step: now.step, loss: now.loss, right: now.right, validRight: now.valid_right });
  }
  const again = button("Start again", reset);
  const names = { depth: "hidden layers", width: "width: units in each", training: `training ${p.things}`,
    seed: "first weights: seed" };
  const sliders = Object.entries(names).map(([name, label]) => slider(p, name, label, reset, p.ranges[name]));
  const activations = menu(p, "activation", "activation", Object.keys(ACTIVATIONS).map((name) => [name, name]), reset);
  const rates = menu(p, "lr", "learning rate", p.rates.map((lr) => [lr, lr]), () => { p.lr = Number(p.lr); });
  const { map: below, charts } = legends(p);
  const buttons = box("row", train, one, again);
  const controls = box("row", activations, rates, tick(shown, "valid", `show the validation ${p.things}, small`, update));
  root.append(controls, box("panels", inside(box("wide"), left, below, buttons, text),
    inside(box("narrow"), box("stacked", ...sliders), right, charts)));
  element.append(root);
  reset();
}

const render = hosted(mount);

export default { render };
