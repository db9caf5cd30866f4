// Type a string symbol by symbol, and see what several networks hold and answer after each.
// params: { language, symbols: names, answers: names, machine: { table, outputs } or null, text: numbers of symbols,
//           most: symbols of a string, networks: [{ name, cell, W_ih, W_hh, b_ih, b_hh, layers: [[W, b], …] }, …] }

import {
  BLUE, DARK, RNN, box, button, chart, curve, dot, fixed, frame, hosted, inside, menu, sigmoid, tag, teller, ticks, whole,
} from "../shared/common.js";

const times = (W, v) => W.map((row) => row.reduce((sum, w, i) => sum + w * v[i], 0));
const plus = (...vectors) => vectors[0].map((_, i) => vectors.reduce((sum, v) => sum + v[i], 0));
const relu = (v) => v.map((x) => Math.max(x, 0));

// One step: the state after a symbol, of an LSTM h and then c. torch's order of the gates.
function step({ cell, W_ih, W_hh, b_ih, b_hh }, state, symbol) {
  const H = W_hh[0].length;
  const h = state.slice(0, H);
  const said = plus(W_ih.map((row) => row[symbol]), b_ih);
  const own = plus(times(W_hh, h), b_hh);
  const gate = (k, i) => said[k * H + i] + own[k * H + i];
  if (cell === "lstm") {
    const c = h.map((_, i) => sigmoid(gate(1, i)) * state[H + i] + sigmoid(gate(0, i)) * Math.tanh(gate(2, i)));
    return [...c.map((x, i) => sigmoid(gate(3, i)) * Math.tanh(x)), ...c];
  }
  if (cell === "gru") return h.map((x, i) => {
    const [r, z] = [sigmoid(gate(0, i)), sigmoid(gate(1, i))];
    return (1 - z) * Math.tanh(said[2 * H + i] + r * own[2 * H + i]) + z * x;
  });
  const a = h.map((_, i) => gate(0, i));
  return cell === "rnn" ? a.map(Math.tanh) : relu(a);
}

function answer({ W_hh, layers }, state) {
  let v = state.slice(0, W_hh[0].length);
  layers.forEach(([W, b], n) => { v = plus(times(W, n ? relu(v) : v), b); });
  return v.indexOf(Math.max(...v));
}

// For each network, after each symbol: its state, and the number of its answer.
export function compute({ networks, text }) {
  return networks.map((network) => {
    let state = Array(network.W_hh[0].length * (network.cell === "lstm" ? 2 : 1)).fill(0);
    return text.map((symbol) => {
      state = step(network, state, symbol);
      return { state, answer: answer(network, state) };
    });
  });
}

// The number of the right answer after each symbol: of a machine, of aⁿbⁿ, or of brackets of one kind.
export function right({ language, machine, text }) {
  let [at, first, second, never] = [0, 0, 0, false];
  return text.map((symbol) => {
    if (machine) {
      at = machine.table[at][symbol];
      return machine.outputs[at];
    }
    if (language === "Dyck-1") {
      at += symbol ? -1 : 1;
      return at > 0 ? 1 : 0;
    }
    never ||= symbol === 0 && second > 0;
    if (symbol) second += 1; else first += 1;
    never ||= second > first;
    return never ? 2 : first === second ? 1 : 0;
  });
}

const spelled = ({ symbols, text }) => text.map((symbol) => symbols[symbol]).join(symbols[0].length > 1 ? " " : "");

export function verdict(p) {
  if (!p.text.length) return "The string is empty. Add a symbol.";
  const truth = right(p).at(-1);
  const said = compute(p).map((steps, n) => {
    const given = steps.at(-1).answer;
    return `${p.networks[n].name}: ${p.answers[given]}${given === truth ? "" : ", wrong"}`;
  });
  const written = spelled(p);
  const shown = written.length > 40 ? `…${written.slice(-40)}` : written;
  return `After ${shown} (${whole(p.text.length)}) “${p.answers[truth]}” is right. ${said.join("; ")}.`;
}

// One number of a network's state after each symbol; steps with a wrong answer are marked by a dot.
function along(p, network, unit, name) {
  const steps = compute({ ...p, networks: [network] })[0];
  const truth = right(p);
  const values = steps.map(({ state }) => state[unit]);
  const [low, high] = [Math.min(-1, ...values), Math.max(1, ...values)];
  const wrong = steps.map(({ answer: given }, t) => (given === truth[t] ? -1 : t)).filter((t) => t >= 0);
  const last = values.length ? `, now ${fixed(values.at(-1))}` : "";
  const axes = chart(
    `${name} of ${network.name} after each of ${values.length} symbols${last}; ${wrong.length} wrong answers.`, 210,
    { range: [0, Math.max(values.length, 8)], label: "symbols read", name: whole, ticks: ticks(0, Math.max(values.length, 8), 4, 1) },
    { range: [low, high], label: name });
  curve(axes, values.map((value, t) => [t + 1, value]), { stroke: network.cell === "lstm" ? BLUE : RNN });
  wrong.forEach((t) => dot(axes, [t + 1, values[t]], { fill: DARK, r: 3.5 }));
  return axes.svg;
}

const names = ({ cell, W_hh }) => {
  const H = W_hh[0].length;
  const of = (letter, from) => Array.from({ length: H }, (_, i) => [String(from + i), `${letter} of unit ${i + 1}`]);
  return cell === "lstm" ? [...of("cell c", H), ...of("output h", 0)] : of("state h", 0);
};

export function mount(element, params) {
  const p = { ...params, text: [...params.text], network: "0", unit: "0" };
  const root = frame("counter", `Networks along a string of ${params.language}`);
  const [text, picture, choices] = [teller(), box(""), box("row")];
  text.style.minHeight = "5.6em";
  picture.style.maxWidth = "480px";
  const add = (symbol, count) => () => {
    p.text.push(...Array(Math.min(count, p.most - p.text.length)).fill(symbol));
    update();
  };
  const adding = params.symbols.flatMap((name, symbol) => [
    button(name, add(symbol, 1)), button(`${name} × 10`, add(symbol, 10))]);
  const back = button("Take one away", () => { p.text.pop(); update(); });
  const empty = button("Empty", () => { p.text = []; update(); });
  const network = menu(p, "network", "network", params.networks.map(({ name }, n) => [String(n), name]), choose);
  function choose() {
    const units = names(p.networks[p.network]);
    [p.unit] = units[0];
    choices.replaceChildren(network, menu(p, "unit", "its", units, update));
    update();
  }
  function update() {
    const chosen = p.networks[p.network];
    const [, name] = names(chosen).find(([unit]) => unit === p.unit);
    picture.replaceChildren(along(p, chosen, Number(p.unit), name));
    text.textContent = verdict(p);
    adding.forEach((one) => { one.disabled = p.text.length >= p.most; });
    back.disabled = empty.disabled = !p.text.length;
    const last = compute(p).map((steps) => steps.at(-1)?.answer ?? "");
    Object.assign(root.dataset, { length: p.text.length, answers: last.join(" "), unit: p.unit });
  }
  root.append(box("row", ...adding), box("row", back, empty), text, choices, inside(picture));
  element.append(root);
  choose();
}

const render = hosted(mount);

export default { render };
