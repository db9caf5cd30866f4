// Write a line, choose a picture or an example; Python, which has the network, says what it reads.
// params: { examples: [text, …], columns, rows, most_bytes }; told: { text, html, count } comes from Python.
// To Python: { kind: "example", place }, { kind: "file", name } with the file's bytes, or { kind: "drawing" } with the
// ink of each pixel, row by row, 0 to 255.

import { box, button, frame, hosted, inside, menu, short, tag } from "../shared/common.js";
import { canvas, keys, pointer, sketch, stroke } from "../shared/drawing.js";

const FINE = 4; // pixels of the canvas for each of the paper

// What there is to say about a file before it is sent; nothing: send it.
export function refused({ name, size }, { most_bytes }) {
  if (!size) return `${name} is empty. Choose a picture: PNG or JPEG.`;
  if (size > most_bytes) {
    return `${name} has ${short(size / 1e6)} MB, and ${short(most_bytes / 1e6)} MB can be sent. Choose a smaller one.`;
  }
  return "";
}

// Ink from 0 to 1 as bytes.
export const asBytes = (image) => Uint8Array.from(image, (ink) => Math.round(255 * ink));

export function mount(element, model) {
  const params = model.get("params");
  const { columns, rows } = params;
  const root = frame("read-line", "Write a line");
  const [status, found, place] = [tag("div", { class: "told", role: "status" }), box(""), box("")];
  place.setAttribute("aria-live", "polite");
  const pen = { x: 8.5, y: rows / 2 + 0.5, down: false, shown: false };
  const blank = () => Array(columns * rows).fill(0);
  const state = { image: blank(), before: [] };
  const paper = canvas(columns * FINE, rows * FINE,
    "width: 100%; border: 1px solid #555; touch-action: none; cursor: crosshair",
    { tabindex: 0, role: "application", "aria-roledescription": "drawing area", "data-key": "paper",
      "aria-label": `Paper of ${columns} by ${rows} pixels. Arrow keys move the pen, Space puts it down or lifts it.` });
  const say = (text) => { status.textContent = text; };
  const send = (message, ...buffers) => {
    say("Reading …");
    model.send(message, undefined, buffers);
  };
  const draw = () => {
    sketch(paper, state.image, columns, FINE, pen);
    undo.disabled = !state.before.length;
    Object.assign(root.dataset, { ink: state.image.reduce((sum, ink) => sum + ink, 0).toFixed(1) });
  };
  const read = () => send({ kind: "drawing" }, asBytes(state.image).buffer);
  const act = {
    begin() {
      state.before.push(state.image);
      if (state.before.length > 50) state.before.shift();
    },
    line(from, to) { state.image = stroke(state.image, columns, from, to); draw(); },
    end() { read(); },
    moved() {
      draw();
      const [column, row] = [pen.x, pen.y].map(Math.ceil);
      place.textContent = pen.shown ? `The pen is ${pen.down ? "down" : "up"}, at column ${column}, row ${row}.` : "";
    },
  };
  const undo = button("Undo", () => { state.image = state.before.pop(); draw(); read(); });
  const clear = button("Clear", () => { Object.assign(state, { image: blank(), before: [] }); draw(); read(); });
  pointer(paper, [columns, rows], act);
  keys(paper, [columns, rows], pen, act);
  const file = tag("input", { type: "file", accept: "image/*" });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const complaint = refused(chosen, params);
    if (complaint) say(complaint);
    else send({ kind: "file", name: chosen.name }, await chosen.arrayBuffer());
    file.value = ""; // so that the same file can be chosen again
  });
  const p = { example: "" };
  const items = [["", "choose one"], ...params.examples.map((text, number) => [String(number), text])];
  const examples = menu(p, "example", "an example", items, () => {
    if (p.example) send({ kind: "example", place: Number(p.example) });
  });
  const update = () => {
    const { html, text } = model.get("told");
    found.innerHTML = html;
    say(text);
  };
  model.on("change:told", update);
  const hint = tag("div", { style: "font-size: 14px" }, "Write digits from left to right, as high as half the paper; " +
    "they are read when the pen is lifted. By keys: Tab to the paper, arrows move the pen, Space puts it down or lifts it.");
  root.append(paper, box("row", undo, clear, inside(tag("label", { class: "menu" }), tag("span", {}, "or a picture"), file),
    ...(params.examples.length ? [examples] : [])), hint, place, status, found);
  element.append(root);
  draw();
  update();
  return () => model.off("change:told", update);
}

const render = hosted(mount, (model) => model);

export default { render };
