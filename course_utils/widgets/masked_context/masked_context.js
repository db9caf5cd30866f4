// A sentence whose context is masked: a word, how many words before and behind it are seen, and how probable its tags are.
// params: { word, sentences: [{ tokens, right, seen }, …] }
// seen[start][n]: the stretch of n + 1 words from `start`: for each of its words the most probable tags, [tag, probability].

import { box, button, BLUE, fixed, frame, hosted, inside, menu, RNN, slider, tag, teller } from "../shared/common.js";

// The most probable tags of a word that is seen with `left` words before it and `right` behind it.
export const tags = ({ seen }, word, left, right) => seen[word - left][left + right][left];

// For each word of each sentence the best tag and its probability, with all words, without the left, without the right, alone.
export function compute({ sentences }) {
  return sentences.map((sentence) => sentence.tokens.map((token, word) => {
    const [before, behind] = [word, sentence.tokens.length - 1 - word];
    return [[before, behind], [0, behind], [before, 0], [0, 0]].map(([l, r]) => tags(sentence, word, l, r)[0]);
  }));
}

const words = (n) => `${n} ${n === 1 ? "word" : "words"}`;

export function verdict(sentence, word, left, right) {
  const [[best, share]] = tags(sentence, word, left, right);
  const truth = sentence.right[word];
  return `“${sentence.tokens[word]}”, with ${words(left)} before it and ${words(right)} behind it: ${best}, probability `
    + `${fixed(share)}. ${best === truth ? "That is right." : `Right is ${truth}.`}`;
}

const SIZE = { width: 420, row: 30, name: 132, bar: 220 };

// A bar for each of the most probable tags; the right one is marked in words too.
function bars(found, truth) {
  const [{ width, row, name, bar }, told] = [SIZE, found.map(([one, share]) => `${one} ${fixed(share)}`).join(", ")];
  const svg = tag("svg", { viewBox: `0 0 ${width} ${found.length * row}`, role: "img",
    "aria-label": `Most probable tags: ${told}. Right is ${truth}.` });
  found.forEach(([one, share], k) => {
    const right = one === truth;
    svg.append(
      tag("text", { x: name - 8, y: k * row + 20, "text-anchor": "end", "font-size": 14, ...(right ? { "font-weight": "bold" } : {}) }, one),
      tag("rect", { x: name, y: k * row + 6, width: Math.max(share * bar, 1), height: row - 12, fill: right ? BLUE : RNN }),
      tag("text", { x: name + share * bar + 6, y: k * row + 20, "font-size": 13 }, fixed(share) + (right ? " right" : "")));
  });
  return svg;
}

export function mount(element, params) {
  const p = { sentence: "0", word: params.word, left: 0, right: 0 };
  const root = frame("masked-context", "Context of a word, masked");
  const [text, row, picture] = [teller(), box("row"), box("")];
  text.style.minHeight = "3em";
  Object.assign(picture.style, { maxWidth: `${SIZE.width}px` });
  const before = slider(p, "left", "words seen before it", update, [0, 1, 1]);
  const behind = slider(p, "right", "words seen behind it", update, [0, 1, 1]);
  [before, behind].forEach((one) => one.classList.add("film"));
  const set = (one, value, max) => {
    const input = one.querySelector("input");
    [input.max, input.value, input.disabled] = [Math.max(max, 1), value, max === 0];
    one.querySelector("output").textContent = value;
  };
  const names = params.sentences.map(({ tokens }, n) => [String(n), tokens.join(" ")]);
  const choice = menu(p, "sentence", "sentence", names, () => { p.word = 0; arrange(); });
  const most = () => [p.word, params.sentences[p.sentence].tokens.length - 1 - p.word];
  const all = () => { [p.left, p.right] = most(); update(); };
  const views = box("row", button("All", all), button("Mask the left", () => { [p.left, p.right] = [0, most()[1]]; update(); }),
    button("Mask the right", () => { [p.left, p.right] = [most()[0], 0]; update(); }),
    button("The word alone", () => { [p.left, p.right] = [0, 0]; update(); }));
  function arrange() {
    row.replaceChildren(...params.sentences[p.sentence].tokens.map((token, n) => button(token, () => { p.word = n; all(); })));
    all();
  }
  function update() {
    const sentence = params.sentences[p.sentence];
    const [left, right] = most();
    [p.left, p.right] = [Math.min(p.left, left), Math.min(p.right, right)];
    set(before, p.left, left);
    set(behind, p.right, right);
    [...row.children].forEach((one, n) => {
      const seen = n >= p.word - p.left && n <= p.word + p.right;
      one.setAttribute("aria-pressed", n === p.word);
      one.setAttribute("aria-label", seen ? sentence.tokens[n] : `${sentence.tokens[n]}, masked`);
      Object.assign(one.style, n === p.word ? { background: "#222", color: "#fff", textDecoration: "" }
        : seen ? { background: "", color: "", textDecoration: "" }
          : { background: "#fff", color: "#666", textDecoration: "line-through" });
    });
    const found = tags(sentence, p.word, p.left, p.right);
    picture.replaceChildren(bars(found, sentence.right[p.word]));
    text.textContent = verdict(sentence, p.word, p.left, p.right);
    Object.assign(root.dataset, { sentence: p.sentence, word: p.word, left: p.left, right: p.right, tag: found[0][0] });
  }
  root.append(...(names.length > 1 ? [box("row", choice)] : []), row, views, box("row", before, behind), text,
    inside(box(""), picture));
  element.append(root);
  arrange();
}

const render = hosted(mount);

export default { render };
