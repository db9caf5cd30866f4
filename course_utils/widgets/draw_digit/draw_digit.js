// A digit, drawn by hand or taken from a file, and what a small convolutional network makes of it, layer by layer.
// params: { layers: [{ kind, name, … }], size, classes: [name, …], samples: [{ text, label, pixels }], start }
// kinds: conv { outputs, kernel: [h, w], stride, padding, weight, bias }, relu, pool { size, stride },
// linear { outputs, weight, bias }. Weights are float32 and pixels bytes, both as base64. A named layer's output is a
// stage.

import { BLUE, DARK, box, button, chart, frame, hosted, inside, menu, short, tag, teller } from "../shared/common.js";
import { canvas, clamp, keys, paint, pointer, sketch, stroke } from "../shared/drawing.js";

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const numbers = (text) => new Float32Array(bytes(text).buffer);

// What each kind of layer does. maps: { shape: [C, H, W] or [N], values: one after the other }.
const KINDS = {
  conv({ outputs, kernel: [h, w], stride, padding, weight, bias }, { shape: [C, H, W], values }) {
    const [rows, columns] = [[H, h], [W, w]].map(([side, k]) => Math.floor((side + 2 * padding - k) / stride) + 1);
    const found = new Float64Array(outputs * rows * columns);
    for (let k = 0, at = 0; k < outputs; k++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++, at++) {
          let sum = bias[k];
          for (let c = 0; c < C; c++) {
            for (let di = 0; di < h; di++) {
              const y = i * stride + di - padding;
              if (y < 0 || y >= H) continue;
              for (let dj = 0; dj < w; dj++) {
                const x = j * stride + dj - padding;
                if (x >= 0 && x < W) sum += weight[((k * C + c) * h + di) * w + dj] * values[(c * H + y) * W + x];
              }
            }
          }
          found[at] = sum;
        }
      }
    }
    return { shape: [outputs, rows, columns], values: found };
  },
  relu: (_, { shape, values }) => ({ shape, values: values.map((value) => Math.max(0, value)) }),
  pool({ size, stride }, { shape: [C, H, W], values }) {
    const [rows, columns] = [H, W].map((side) => Math.floor((side - size) / stride) + 1);
    const found = new Float64Array(C * rows * columns).fill(-Infinity);
    found.forEach((_, at) => {
      const [c, i, j] = [Math.floor(at / (rows * columns)), Math.floor(at / columns) % rows, at % columns];
      for (let di = 0; di < size; di++) {
        for (let dj = 0; dj < size; dj++) {
          found[at] = Math.max(found[at], values[(c * H + i * stride + di) * W + j * stride + dj]);
        }
      }
    });
    return { shape: [C, rows, columns], values: found };
  },
  linear({ outputs, weight, bias }, { values }) {
    const found = Float64Array.from({ length: outputs }, (_, k) =>
      values.reduce((sum, value, n) => sum + weight[k * values.length + n] * value, bias[k]));
    return { shape: [outputs], values: found };
  },
};

// The layers with their weights as numbers.
const unpacked = (layers) => layers.map((layer) => ("weight" in layer
  ? { ...layer, weight: numbers(layer.weight), bias: numbers(layer.bias) } : layer));

function softmax(scores) {
  const highest = Math.max(...scores);
  const powers = [...scores].map((score) => Math.exp(score - highest));
  const sum = powers.reduce((one, other) => one + other);
  return powers.map((power) => power / sum);
}

// A picture (size × size numbers from 0, the paper, to 1, the ink) through all layers.
function run(layers, image, size) {
  let maps = { shape: [1, size, size], values: Float64Array.from(image) };
  const stages = [];
  for (const layer of layers) {
    maps = KINDS[layer.kind](layer, maps);
    if (layer.name) stages.push({ name: layer.name, ...maps });
  }
  return { stages, probabilities: softmax(maps.values) };
}

// Each named stage's shape and values, and the probability of each class.
export function compute({ layers, image, size }) {
  const { stages, probabilities } = run(unpacked(layers), image, size);
  return { stages: stages.map(({ name, shape, values }) => ({ name, shape, values: [...values] })), probabilities };
}

// ---------------------------------------------------------------------------------------------------------------------
// Pictures: lists of size × size numbers, row by row

const inkOf = (image) => image.reduce((sum, ink) => sum + ink, 0);

// The picture, moved by whole pixels so that the centre of mass of its ink stands in the middle.
export function centred(image, size) {
  const ink = inkOf(image);
  if (!ink) return image;
  const middle = (place) => image.reduce((sum, value, n) => sum + value * place(n), 0) / ink;
  const [x, y] = [middle((n) => n % size), middle((n) => Math.floor(n / size))].map((at) => Math.round(size / 2 - at));
  return image.map((_, n) => {
    const [column, row] = [(n % size) - x, Math.floor(n / size) - y];
    return column >= 0 && column < size && row >= 0 && row < size ? image[row * size + column] : 0;
  });
}

// How much ink there is in each pixel of a photograph (gray: 0 black … 255 white): what differs from its paper, whose
// brightness is the middle one along the edge. null where nothing does.
function inked(gray, width, height) {
  const edge = gray.filter((_, n) =>
    n < width || n >= width * (height - 1) || n % width === 0 || n % width === width - 1);
  const paper = [...edge].sort((a, b) => a - b)[Math.floor(edge.length / 2)];
  const found = Array.from(gray, (value) => Math.max(0, paper > 127 ? paper - value : value - paper));
  const most = found.reduce((one, other) => Math.max(one, other), 0);
  return most < 25 ? null : found.map((value) => clamp((value / most - 0.25) / 0.5)); // shadows are no ink
}

// The mean of a photograph's ink in a rectangle, cut at whole pixels.
function mean(ink, width, height, left, top, right, bottom) {
  let [sum, count] = [0, 0];
  for (let y = Math.floor(top); y < Math.max(Math.ceil(bottom), Math.floor(top) + 1); y++) {
    for (let x = Math.floor(left); x < Math.max(Math.ceil(right), Math.floor(left) + 1); x++) {
      count += 1;
      if (x >= 0 && x < width && y >= 0 && y < height) sum += ink[y * width + x];
    }
  }
  return sum / count;
}

// A photograph as a picture of size × size: as MNIST was made, its ink scaled to a box of 20/28 of the side and centred
// by its mass. null where there is no ink.
export function fromPhoto(gray, width, height, size) {
  const ink = inked(gray, width, height);
  if (!ink) return null;
  const places = ink.flatMap((value, n) => (value > 0.3 ? [[n % width, Math.floor(n / width)]] : []));
  const [left, top] = [0, 1].map((k) => places.reduce((low, place) => Math.min(low, place[k]), Infinity));
  const [right, bottom] = [0, 1].map((k) => 1 + places.reduce((high, place) => Math.max(high, place[k]), -Infinity));
  const scale = Math.max(right - left, bottom - top) / Math.round((20 / 28) * size); // photograph pixels per pixel
  const [x0, y0] = [(left + right - size * scale) / 2, (top + bottom - size * scale) / 2];
  const small = Array.from({ length: size * size }, (_, n) => {
    const [x, y] = [x0 + (n % size) * scale, y0 + Math.floor(n / size) * scale];
    return mean(ink, width, height, x, y, x + scale, y + scale);
  });
  const most = small.reduce((one, other) => Math.max(one, other), 0);
  return centred(small.map((value) => value / most), size);
}

// ---------------------------------------------------------------------------------------------------------------------
// What is said and drawn

const SURE = 0.6;

// What the network says, in one sentence. label: the right answer, null where nobody knows it.
export function verdict({ classes }, image, probabilities, label = null) {
  const order = probabilities.map((_, n) => n).sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  const [first, second] = order.map((n) => `${classes[n]} (${probabilities[n].toFixed(2)})`);
  if (!inkOf(image)) {
    return `The paper is empty: there is nothing to name. The network still says ${first}: it has no ` +
      "answer for “no digit”.";
  }
  const right = label === null ? "" : order[0] === label ? ", which is right" : `; the digit is ${classes[label]}`;
  if (probabilities[order[0]] < SURE) {
    const isIt = order[0] === label ? "right" : `wrong, it is ${classes[label]}`;
    return `The network is not sure: ${first} or ${second}${right && `; the first is ${isIt}`}.`;
  }
  const next = probabilities[order[1]] < 0.005 ? "" : ` Its second guess is ${second}.`;
  return `The network says ${first}${right}.${next}`;
}

function bars({ classes }, probabilities) {
  const said = classes.map((name, n) => `${name}: ${probabilities[n].toFixed(2)}`).join(", ");
  const axes = chart(`The probability of each class. ${said}.`, 150,
    { range: [-0.6, classes.length - 0.4], ticks: classes.map((_, n) => n), name: (n) => classes[n], label: "" },
    { range: [0, 1.12], ticks: [0, 0.5, 1], label: "probability" }, 24);
  const best = probabilities.indexOf(Math.max(...probabilities));
  const width = axes.X(1) - axes.X(0);
  probabilities.forEach((value, n) => {
    const [x, y] = [axes.X(n - 0.4), axes.Y(value)];
    const look = { fill: n === best ? BLUE : "#9a9a9a", width: 0.8 * width, height: axes.Y(0) - y };
    const place = { x: axes.X(n), y: y - 3, "text-anchor": "middle", "font-size": 11 };
    axes.plot.append(tag("rect", { x, y, ...look }), tag("text", place, value.toFixed(2)));
  });
  return axes.svg;
}

// The feature maps of a stage side by side, white where 0, dark where largest.
function feature({ name, shape: [C, H, W], values }) {
  const most = values.reduce((one, other) => Math.max(one, other), 0);
  const maps = Array.from({ length: C }, (_, c) => values.subarray(c * H * W, (c + 1) * H * W));
  const strengths = maps.map((map) => map.reduce((sum, value) => sum + Math.max(0, value), 0));
  const strongest = strengths.indexOf(Math.max(...strengths));
  const text = `${name}: ${C} maps of ${H} × ${W}, white is 0, dark is ${short(most)}`;
  const shown = tag("div", { style: "display: flex; flex-wrap: wrap; gap: 3px", role: "img",
    "aria-label": most ? `${text}; map ${strongest + 1} is the strongest.` : `${text}: all are 0.` });
  maps.forEach((map) => {
    const one = canvas(W, H, "width: 40px; border: 1px solid #ccc");
    paint(one.getContext("2d"), map.map((value) => (most ? value / most : 0)), W, [0, 60, 110]);
    shown.append(one);
  });
  return inside(box("", tag("div", { style: "margin: 8px 0 3px" }, text)), shown);
}

const ZOOM = 10;

// The paper as it stands, with the box that MNIST's digits fill, and the pen where it is moved by keys.
function show(paper, image, size, pen) {
  sketch(paper, image, size, ZOOM, pen);
  const context = paper.getContext("2d");
  const inner = Math.round((20 / 28) * size) * ZOOM;
  context.strokeStyle = "#8a8a8a";
  context.setLineDash([6, 6]);
  context.strokeRect((paper.width - inner) / 2, (paper.height - inner) / 2, inner, inner);
  context.setLineDash([]);
}

const LARGEST = 280; // sides of a photograph when it is read, in pixels

// The picture in a file. Throws where the browser cannot read it.
async function photo(file, size) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LARGEST / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = tag("canvas", { width, height }).getContext("2d");
  context.fillStyle = "#fff"; // behind what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const gray = Array.from({ length: width * height }, (_, n) =>
    0.299 * data[4 * n] + 0.587 * data[4 * n + 1] + 0.114 * data[4 * n + 2]);
  return fromPhoto(gray, width, height, size);
}

// The control that takes a picture from a file.
function filed(size, done) {
  const style = "font: inherit; width: 15em; max-width: 100%; min-width: 0";
  const input = tag("input", { type: "file", accept: "image/*", style });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      const found = await photo(file, size);
      done(found, found ? "" : `${file.name} is all of one brightness: there is no ink on it.`);
    } catch {
      done(null, `${file.name} cannot be read as a picture. Take a PNG or a JPEG.`);
    }
    input.value = "";
  });
  return inside(tag("label", { class: "menu" }), tag("span", {}, "or a picture from a file"), input);
}

export function mount(element, params) {
  const { size } = params;
  const p = { ...params, layers: unpacked(params.layers), sample: "" };
  const blank = () => Array(size * size).fill(0);
  const pen = { x: size / 2 + 0.5, y: size / 2 + 0.5, down: false, shown: false };
  const state = { image: blank(), label: null, before: [], centre: true, busy: false, complaint: "",
    example: null }; // the picture that stands on the paper only to begin with: the first stroke clears it
  const root = frame("draw-digit", "Draw a digit");
  const [stages, chances, seen, text] = [box(""), box(""), box(""), teller()];
  const place = tag("div", { "aria-live": "polite", style: "min-height: 1.5em" });
  text.style.minHeight = "3em"; // so that what stands below it stays where it is
  const paper = canvas(size * ZOOM, size * ZOOM,
    "width: 100%; max-width: 240px; border: 1px solid #555; touch-action: none; cursor: crosshair",
    { tabindex: 0, role: "application", "aria-roledescription": "drawing area", "data-key": "paper",
      "aria-label": `Paper of ${size} by ${size} pixels. Arrow keys move the pen, Space puts it down or lifts it.` });
  const choose = (which) => {
    const sample = p.samples[which];
    if (sample) put(Array.from(bytes(sample.pixels), (value) => value / 255), sample.label);
  };
  const samples = menu(p, "sample", "a digit from MNIST", [["", "choose"],
    ...p.samples.map(({ text: name }, n) => [String(n), name])], () => choose(p.sample));
  const none = () => { p.sample = samples.querySelector("select").value = ""; };
  function keep() {
    state.before.push([state.image, state.label]);
    if (state.before.length > 50) state.before.shift();
  }
  function put(image, label = null, complaint = "") {
    keep();
    Object.assign(state, { image, label, complaint });
    update();
  }
  const act = {
    begin() {
      keep();
      none();
      if (state.image === state.example) state.image = blank();
      Object.assign(state, { label: null, complaint: "", busy: true });
    },
    line(from, to) { state.image = stroke(state.image, size, from, to); update(); },
    end() { state.busy = false; update(); },
    moved() {
      show(paper, state.image, size, pen);
      const [column, row] = [pen.x, pen.y].map(Math.ceil);
      place.textContent = pen.shown ? `The pen is ${pen.down ? "down" : "up"}, at column ${column}, row ${row}.` : "";
      Object.assign(root.dataset, { pen: `${column},${row}`, down: pen.down });
    },
  };
  pointer(paper, [size, size], act);
  keys(paper, [size, size], pen, act);
  const file = filed(size, (image, complaint) => {
    none();
    if (image) return put(image);
    state.complaint = complaint;
    return update();
  });
  const undo = button("Undo", () => {
    [state.image, state.label] = state.before.pop();
    state.complaint = "";
    none();
    update();
  });
  const clear = button("Clear", () => { none(); put(blank()); });
  const tick = tag("input", { type: "checkbox", "data-key": "centre" });
  tick.checked = state.centre;
  tick.addEventListener("change", () => { state.centre = tick.checked; update(); });
  const how = "centre it by the mass of its ink, as the makers of MNIST did";
  const centring = inside(tag("label"), tick, tag("span", {}, how));
  function update() {
    const image = state.centre ? centred(state.image, size) : state.image;
    const { stages: found, probabilities } = run(p.layers, image, size);
    const best = probabilities.indexOf(Math.max(...probabilities));
    show(paper, state.image, size, pen);
    seen.replaceChildren(whatItSees(image, size));
    chances.replaceChildren(bars(p, probabilities));
    stages.replaceChildren(...found.filter(({ name }) => name.startsWith("conv")).map(feature));
    text.setAttribute("aria-live", state.busy ? "off" : "polite"); // said when the stroke is done
    text.replaceChildren(...[state.complaint, verdict(p, image, probabilities, state.label)].filter(Boolean)
      .map((line) => tag("div", {}, line)));
    undo.disabled = !state.before.length;
    clear.disabled = !inkOf(state.image);
    Object.assign(root.dataset, { said: p.classes[best], probability: probabilities[best],
      ink: inkOf(image).toFixed(3) });
  }
  const hint = tag("div", { style: "font-size: 14px" }, "Draw with a mouse or a finger. Or by keys: Tab to the " +
    "paper, arrows move the pen, Space puts it down or lifts it. The digits of MNIST fill the dashed box.");
  const left = inside(box("narrow"), paper, box("row", undo, clear), place);
  const right = inside(box("wide"), text, box("row", seen), chances);
  root.append(box("row", samples, file), centring, box("panels", left, right), hint, stages);
  element.append(root);
  if (p.start !== null) {
    p.sample = samples.querySelector("select").value = String(p.start);
    choose(p.sample);
    Object.assign(state, { example: state.image, before: [] });
  }
  update();
  act.moved();
}

// The picture as it goes into the network, small.
function whatItSees(image, size) {
  const small = canvas(size, size, "width: 84px; border: 1px solid #999",
    { role: "img", "aria-label": `What goes into the network: ${short(inkOf(image))} of ${size * size} pixels of ink.` });
  paint(small.getContext("2d"), image, size, [0, 0, 0]);
  return inside(tag("div", { style: "display: flex; gap: 10px; align-items: center" }), small,
    tag("span", { style: `color: ${DARK}` }, "This goes into the network."));
}

const render = hosted(mount);

export default { render };
