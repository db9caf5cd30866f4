// A caption word by word: the picture, dark where the captioner had little weight when it said the word.
// params: { pictures: [{ name, png, tokens, weights, said, truth }, …], rows, columns }
// png: base64; weights: float32 as base64, rows × columns for each token, one after the other.

import { box, button, frame, hosted, inside, menu, short, slider, tag, teller } from "../shared/common.js";

const numbers = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

// For each token its weights, the largest of them, and its place (row and column from 1).
export function compute({ pictures, rows, columns }) {
  return pictures.map(({ tokens, weights }) => {
    const all = numbers(weights);
    return tokens.map((token, n) => {
      const values = [...all.slice(n * rows * columns, (n + 1) * rows * columns)];
      const most = Math.max(...values);
      const at = values.indexOf(most);
      return { token, values, most, row: Math.floor(at / columns) + 1, column: (at % columns) + 1 };
    });
  });
}

export function verdict({ token, most, row, column }, n, count, { rows, columns }) {
  return `Word ${n + 1} of ${count}, “${token}”: it looks most at row ${row}, column ${column} of ${rows} × ${columns}, `
    + `with weight ${short(most, 2)}. Looking everywhere alike, each place has ${short(1 / (rows * columns), 2)}.`;
}

const DIM = 0.85; // how dark a place without weight is

// Dark where there is little weight, and a frame around the place with the most.
function overlay(p, { values, most, row, column }) {
  const svg = tag("svg", { viewBox: `0 0 ${p.columns} ${p.rows}`, preserveAspectRatio: "none", "aria-hidden": "true",
    "shape-rendering": "crispEdges" });
  Object.assign(svg.style, { position: "absolute", inset: "0", width: "100%", height: "100%" });
  values.forEach((value, k) => svg.append(tag("rect", { x: k % p.columns, y: Math.floor(k / p.columns), width: 1,
    height: 1, fill: "#000", "fill-opacity": DIM * (1 - value / most) })));
  for (const [stroke, width] of [["#000", 0.09], ["#fff", 0.04]]) {
    svg.append(tag("rect", { x: column - 0.96, y: row - 0.96, width: 0.92, height: 0.92, fill: "none", stroke, "stroke-width": width }));
  }
  return svg;
}

export function mount(element, params) {
  const found = compute(params);
  const p = { ...params, picture: "0", word: 1 };
  const root = frame("caption-words", "Caption, word by word");
  const [text, words, sentences] = [teller(), box("row"), box("")];
  text.style.minHeight = "4.5em";
  const image = tag("img", { alt: "" }); // what it shows is told by its frame
  Object.assign(image.style, { width: "100%", display: "block", imageRendering: "pixelated" });
  const place = tag("div", { role: "img" });
  Object.assign(place.style, { position: "relative", width: "min(100%, 300px)", border: "1px solid #999" });
  const step = slider(p, "word", "word", update, [1, 2, 1]);
  step.classList.add("film");
  const go = (change) => () => { p.word += change; update(); };
  const [back, next] = [button("◀ Back", go(-1)), button("Word ▶", go(1))];
  const names = params.pictures.map(({ name }, n) => [String(n), name]);
  const choice = menu(p, "picture", "picture", names, () => { p.word = 1; arrange(); });
  function arrange() {
    const { png, said, truth, tokens } = params.pictures[p.picture];
    image.src = `data:image/png;base64,${png}`;
    words.replaceChildren(...tokens.map((token, n) => button(token, () => { p.word = n + 1; update(); })));
    sentences.replaceChildren(tag("div", {}, `It says: “${said}”.`),
      ...(truth ? [tag("div", {}, said === truth ? "That is the true caption." : `True caption: “${truth}”.`)] : []));
    step.querySelector("input").max = tokens.length;
    update();
  }
  function update() {
    const tokens = found[p.picture];
    const n = p.word - 1;
    place.replaceChildren(image, overlay(p, tokens[n]));
    place.setAttribute("aria-label", `${params.pictures[p.picture].truth || "A picture"}; bright where it looked, most `
      + `at row ${tokens[n].row}, column ${tokens[n].column}.`);
    text.textContent = verdict(tokens[n], n, tokens.length, p);
    [...words.children].forEach((word, k) => {
      word.setAttribute("aria-pressed", k === n);
      Object.assign(word.style, k === n ? { background: "#222", color: "#fff" } : { background: "", color: "" });
    });
    step.querySelector("input").value = p.word;
    step.querySelector("output").textContent = p.word;
    [back.disabled, next.disabled] = [n === 0, n === tokens.length - 1];
    Object.assign(root.dataset, { picture: p.picture, word: p.word, token: tokens[n].token });
  }
  const right = inside(box("wide"), sentences, words, box("row", back, next, step), text);
  root.append(...(names.length > 1 ? [box("row", choice)] : []),
    box("panels", inside(box("narrow"), place), right));
  element.append(root);
  arrange();
}

const render = hosted(mount);

export default { render };
