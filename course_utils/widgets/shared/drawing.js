// What the widgets share in which one draws: a paper of pixels, a pen, and the keys that move it.
// A picture is a list of numbers, row by row, 0 the paper … 1 the ink.

import { BLUE, RNN, tag } from "./common.js";

export const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));

const RADIUS = 1.1; // of the pen, in pixels; its edge is soft, as that of a scanned pen is

// The picture, row by row, with a line from one point to another, [x, y] each, in pixels.
export function stroke(image, columns, [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  return image.map((ink, n) => {
    const [x, y] = [(n % columns) + 0.5 - x0, Math.floor(n / columns) + 0.5 - y0];
    const along = length ? clamp((x * dx + y * dy) / length) : 0;
    return Math.max(ink, clamp(RADIUS + 0.5 - Math.hypot(x - along * dx, y - along * dy)));
  });
}

// A canvas of so many pixels, which stay squares when it is shown larger.
export function canvas(width, height, style, attributes = {}) {
  return tag("canvas", { width, height, style: `display: block; image-rendering: pixelated; ${style}`, ...attributes });
}

// Pixels from white (0) to a colour (1), one after the other.
export function paint(context, values, width, [red, green, blue]) {
  const pixels = context.createImageData(width, values.length / width);
  values.forEach((value, n) => pixels.data.set(
    [[red, green, blue].map((part) => 255 + clamp(value) * (part - 255)), 255].flat(), 4 * n));
  context.putImageData(pixels, 0, 0);
}

// The paper as it stands, `zoom` pixels of the canvas for each of the picture, and the pen where it is moved by keys.
export function sketch(paper, image, columns, zoom, pen) {
  const context = paper.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, paper.width, paper.height);
  image.forEach((ink, n) => {
    if (!ink) return;
    context.fillStyle = `rgba(0, 0, 0, ${ink})`;
    context.fillRect((n % columns) * zoom, Math.floor(n / columns) * zoom, zoom, zoom);
  });
  if (!pen.shown) return;
  context.strokeStyle = pen.down ? RNN : BLUE;
  context.lineWidth = 3;
  context.strokeRect(Math.floor(pen.x) * zoom, Math.floor(pen.y) * zoom, zoom, zoom);
  context.lineWidth = 1;
}

// Draws with a mouse, a pen or a finger on a paper of so many pixels. act: { begin, line(from, to), end }
export function pointer(paper, [columns, rows], act) {
  let last = null;
  const place = (event) => {
    const { left, top, width, height } = paper.getBoundingClientRect();
    return [((event.clientX - left) / width) * columns, ((event.clientY - top) / height) * rows];
  };
  const draw = (event) => {
    const now = place(event);
    act.line(last ?? now, now);
    last = now;
  };
  paper.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    try { paper.setPointerCapture(event.pointerId); } catch { /* a pointer that is gone already */ }
    act.begin();
    draw(event);
  });
  paper.addEventListener("pointermove", (event) => { if (last) draw(event); });
  for (const name of ["pointerup", "pointercancel"]) {
    paper.addEventListener(name, () => { if (last) { last = null; act.end(); } });
  }
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Draws by keys on a paper of [columns, rows]: arrows move the pen, Space puts it down or lifts it.
export function keys(paper, size, pen, act) {
  paper.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move && event.key !== " ") return;
    event.preventDefault();
    pen.shown = true;
    if (!move) {
      pen.down = !pen.down;
      if (pen.down) act.begin();
      else act.end();
    }
    const from = [pen.x, pen.y];
    if (move) [pen.x, pen.y] = from.map((at, k) => clamp(at + move[k], 0.5, size[k] - 0.5));
    if (pen.down) act.line(from, [pen.x, pen.y]);
    act.moved();
  });
  paper.addEventListener("blur", () => {
    if (pen.down) act.end();
    [pen.down, pen.shown] = [false, false];
    act.moved();
  });
}
