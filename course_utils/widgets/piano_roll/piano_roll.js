// A piano roll: a motif is written into it, heard, and played on by a recurrent network, all in the browser.
// params: { network: { cell, hidden, w_x, w_h, b_x, b_h, w_y, b_y }, motifs: [{ name, chords: [[pitch, …], …] }], frames,
// low, high (pitches that are shown), lowest (the pitch of the first key), seconds (of a frame), temperature, seed, sound }
// A tensor is { scale, values }: whole numbers of 16 bits in base64, times the scale.

import { BLUE, box, button, DARK, fixed, frame, hosted, menu, sigmoid, slider, tag, teller, uniform } from "../shared/common.js";

const KEYS = 88;
const NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const nameOf = (pitch) => `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

function unpacked({ scale, values }) {
  const bytes = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0));
  return Float32Array.from(new Int16Array(bytes.buffer), (value) => value * scale);
}

const TENSORS = ["w_x", "w_h", "b_x", "b_h", "w_y", "b_y"];
const weightsOf = (network) => ({
  cell: network.cell, H: network.hidden, ...Object.fromEntries(TENSORS.map((name) => [name, unpacked(network[name])])),
});

// w x + b, row by row; x is given by the places of its ones, or as numbers.
const byKeys = (w, b, rows, keys) => Float64Array.from({ length: rows }, (_, row) =>
  keys.reduce((sum, key) => sum + w[row * KEYS + key], b[row]));
const byNumbers = (w, b, rows, x) => Float64Array.from({ length: rows }, (_, row) => {
  let sum = b[row];
  for (let k = 0; k < x.length; k++) sum += w[row * x.length + k] * x[k];
  return sum;
});

// One step of a GRU or an LSTM, with torch's order of gates. keys: the places of the keys that sound.
export function step(net, { h, c }, keys) {
  const { H } = net;
  const gates = net.cell === "lstm" ? 4 : 3;
  const x = byKeys(net.w_x, net.b_x, gates * H, keys);
  const r = byNumbers(net.w_h, net.b_h, gates * H, h);
  const next = { h: new Float64Array(H), c: new Float64Array(H) };
  for (let k = 0; k < H; k++) {
    const gate = (n) => sigmoid(x[n * H + k] + r[n * H + k]);
    if (net.cell === "lstm") {
      next.c[k] = gate(1) * c[k] + gate(0) * Math.tanh(x[2 * H + k] + r[2 * H + k]);
      next.h[k] = gate(3) * Math.tanh(next.c[k]);
    } else {
      const candidate = Math.tanh(x[2 * H + k] + gate(0) * r[2 * H + k]);
      next.h[k] = (1 - gate(1)) * candidate + gate(1) * h[k];
    }
  }
  return next;
}

const zeros = (H) => ({ h: new Float64Array(H), c: new Float64Array(H) });
const logitsOf = (net, { h }) => byNumbers(net.w_y, net.b_y, KEYS, h);

// The state after silence and the chords.
const after = (net, chords, lowest) => chords.reduce(
  (state, chord) => step(net, state, chord.map((pitch) => pitch - lowest)), step(net, zeros(net.H), []));

// The probabilities of all keys after a motif.
export function compute({ network, chords, lowest }) {
  const net = weightsOf(network);
  return [...logitsOf(net, after(net, chords, lowest))].map(sigmoid);
}

// The chords that follow, each key drawn by itself.
export function playedOn(net, chords, { lowest, temperature, count, random }) {
  const found = [];
  let state = after(net, chords, lowest);
  while (found.length < count) {
    const keys = [];
    logitsOf(net, state).forEach((logit, key) => { if (random() < sigmoid(logit / temperature)) keys.push(key); });
    found.push(keys.map((key) => key + lowest));
    state = step(net, state, keys);
  }
  return found;
}

// Notes of a tune: { pitch, begin, end }, a key that goes on being one note.
export function notesOf(chords) {
  const found = [];
  chords.forEach((chord, t) => chord.forEach((pitch) => {
    if (t && chords[t - 1].includes(pitch)) return;
    let end = t + 1;
    while (end < chords.length && chords[end].includes(pitch)) end += 1;
    found.push({ pitch, begin: t, end });
  }));
  return found;
}

const LEFT = 40; // of the names of keys
const [COLUMN, ROW, TOP] = [11, 8, 8];

function draw(svg, p, roll, cursor, now) {
  svg.replaceChildren();
  const [rows, width] = [p.high - p.low + 1, LEFT + p.frames * COLUMN];
  svg.setAttribute("viewBox", `0 0 ${width + 4} ${TOP + rows * ROW + 16}`);
  const Y = (pitch) => TOP + (p.high - pitch) * ROW;
  const X = (t) => LEFT + t * COLUMN;
  svg.append(tag("rect", { x: LEFT, y: TOP, width: p.frames * COLUMN, height: rows * ROW, fill: "#fff", stroke: "#999" }));
  for (let pitch = p.low; pitch <= p.high; pitch++) {
    if (NAMES[pitch % 12].length > 1) svg.append(tag("rect", { x: LEFT, y: Y(pitch), width: p.frames * COLUMN, height: ROW, fill: "#ececec" }));
    if (pitch % 12 === 0) svg.append(tag("text", { x: LEFT - 5, y: Y(pitch) + 9, "text-anchor": "end", "font-size": 12 }, nameOf(pitch)));
  }
  for (let t = 0; t <= p.frames; t += 4) {
    svg.append(tag("line", { x1: X(t), x2: X(t), y1: TOP, y2: TOP + rows * ROW, stroke: t % 16 ? "#ddd" : "#999" }));
    if (t % 16 === 0 && t < p.frames) svg.append(tag("text", { x: X(t), y: TOP + rows * ROW + 13, "font-size": 12 }, String(t + 1)));
  }
  for (const { pitch, begin, end } of notesOf(roll.chords)) {
    if (pitch < p.low || pitch > p.high) continue;
    for (const [from, to, fill] of [[begin, Math.min(end, roll.given), DARK], [Math.max(begin, roll.given), end, BLUE]]) {
      if (to > from) svg.append(tag("rect", { x: X(from) + 0.5, y: Y(pitch) + 0.5, width: (to - from) * COLUMN - 1, height: ROW - 1, rx: 2, fill, "data-note": pitch }));
    }
  }
  svg.append(tag("rect", { x: X(cursor.t), y: Y(cursor.pitch), width: COLUMN, height: ROW, fill: "none", stroke: "#D55E00", "stroke-width": 2 }));
  if (now >= 0) svg.append(tag("line", { x1: X(now), x2: X(now), y1: TOP, y2: TOP + rows * ROW, stroke: "#D55E00", "stroke-width": 2, "data-now": now }));
  return (x, y) => ({ t: Math.floor((x - LEFT) / COLUMN), pitch: p.high - Math.floor((y - TOP) / ROW) });
}

// Plays notes with the browser's own oscillators; returns what stops them.
function sounding(notes, p, ended) {
  const context = new AudioContext();
  const { overtones, fading, attack, release } = p.sound;
  const wave = context.createPeriodicWave(new Float32Array(overtones.length + 1), new Float32Array([0, ...overtones]));
  const start = context.currentTime + 0.05;
  let last = 0;
  for (const { pitch, begin, end } of notes) {
    const [from, to] = [start + begin * p.seconds, start + end * p.seconds];
    const loudness = context.createGain();
    loudness.gain.setValueAtTime(0, from);
    loudness.gain.linearRampToValueAtTime(0.15, from + attack);
    loudness.gain.setTargetAtTime(0, from + attack, fading);
    loudness.gain.setTargetAtTime(0, to, release / 3);
    const string = context.createOscillator();
    string.setPeriodicWave(wave);
    string.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
    string.connect(loudness).connect(context.destination);
    string.start(from);
    string.stop(to + 2 * release);
    last = Math.max(last, end);
  }
  const timer = setInterval(() => ended((context.currentTime - start) / p.seconds, last), 60);
  return () => { clearInterval(timer); context.close(); };
}

export function mount(element, params) {
  const p = { ...params, motif: "0", drawn: params.seed };
  const root = frame("piano-roll", "Piano roll");
  const net = weightsOf(p.network);
  const roll = { chords: [], given: 0 };
  const cursor = { t: 0, pitch: 60 };
  const svg = tag("svg", { role: "img" });
  const grid = tag("div", {
    tabindex: 0, role: "application", class: "grid", style: "touch-action:pan-x pan-y;cursor:crosshair",
    "aria-label": "The keys over time. Arrow keys move, Space switches a key on or off.",
  });
  const told = teller();
  let now = -1;
  let stop = null;
  let placeOf = () => cursor;
  const refresh = () => {
    placeOf = draw(svg, p, roll, cursor, now);
    const added = roll.chords.length - roll.given;
    svg.setAttribute("aria-label", `A piano roll: ${roll.given} frames were given, and ${added} are the network's.`);
    root.dataset.given = roll.given;
    root.dataset.frames = roll.chords.length;
    root.dataset.playing = stop ? "yes" : "no";
  };
  const silent = () => {
    stop?.();
    [stop, now] = [null, -1];
    play.textContent = "▶ Play";
  };
  const takeMotif = () => {
    silent();
    const { chords, name } = p.motifs[Number(p.motif)];
    roll.chords = chords.map((chord) => [...chord]);
    roll.given = chords.length;
    told.textContent = `“${name}”: ${chords.length} frames. Change them, and let the network play on.`;
    refresh();
  };
  const toggle = () => {
    silent();
    roll.chords.length = Math.min(roll.chords.length, roll.given); // what was played on no longer fits
    while (roll.chords.length <= cursor.t) roll.chords.push([]);
    const chord = roll.chords[cursor.t];
    const at = chord.indexOf(cursor.pitch);
    if (at < 0) chord.push(cursor.pitch);
    else chord.splice(at, 1);
    while (roll.chords.length && !roll.chords.at(-1).length) roll.chords.pop();
    roll.given = roll.chords.length;
    told.textContent = `${nameOf(cursor.pitch)} in frame ${cursor.t + 1} is ${at < 0 ? "on" : "off"}.`;
    refresh();
  };
  const moved = (t, pitch) => {
    cursor.t = Math.max(0, Math.min(p.frames - 1, t));
    cursor.pitch = Math.max(p.low, Math.min(p.high, pitch));
    const on = roll.chords[cursor.t]?.includes(cursor.pitch);
    told.textContent = `${nameOf(cursor.pitch)} in frame ${cursor.t + 1}: ${on ? "on" : "off"}.`;
    refresh();
  };
  grid.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step) moved(cursor.t + step[0], cursor.pitch + step[1]);
    else if (event.key === " " || event.key === "Enter") toggle();
    else return;
    event.preventDefault();
  });
  grid.addEventListener("click", (event) => {
    const area = svg.getBoundingClientRect();
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    const { t, pitch } = placeOf(((event.clientX - area.left) / area.width) * width, ((event.clientY - area.top) / area.height) * height);
    if (t < 0 || t >= p.frames || pitch < p.low || pitch > p.high) return;
    Object.assign(cursor, { t, pitch });
    toggle();
  });
  const play = button("▶ Play", () => {
    if (stop) {
      silent();
      refresh();
      return;
    }
    const notes = notesOf(roll.chords);
    if (!notes.length) {
      told.textContent = "There is no note yet. Write some, or let the network play.";
      return;
    }
    stop = sounding(notes, p, (at, last) => {
      now = Math.floor(at);
      if (at >= last + 1) silent();
      refresh();
    });
    play.textContent = "■ Stop";
    told.textContent = `${notes.length} notes.`;
    refresh();
  });
  const goOn = button("Let the network play on", () => {
    silent();
    const count = p.frames - roll.given;
    const random = uniform(p.drawn);
    const given = roll.chords.slice(0, roll.given);
    roll.chords = [...given, ...playedOn(net, given, { lowest: p.lowest, temperature: p.temperature, count, random })];
    told.textContent = `${count} frames after yours, drawn key by key with the temperature ${fixed(p.temperature)}, seed ${p.drawn}.`;
    p.drawn += 1;
    refresh();
  });
  const clear = button("Clear", () => {
    silent();
    roll.chords = [];
    roll.given = 0;
    told.textContent = "Silence. Write a motif, or let the network begin.";
    refresh();
  });
  grid.append(svg);
  root.append(
    box("row", menu(p, "motif", "motif", p.motifs.map(({ name }, n) => [String(n), name]), takeMotif), play, goOn, clear),
    box("row", slider(p, "temperature", "temperature", () => {}, [0.2, 2, 0.05]), slider(p, "seconds", "seconds for a frame", silent, [0.15, 1, 0.05])),
    told, grid,
  );
  element.append(root);
  takeMotif();
  return silent;
}

const render = hosted(mount);

export default { render };
