// Which start of which cell learns which lag: a square for each, with the share of the seeds that learnt.
// params: { budget, starts: S names, lags: L numbers, squares: S × L lists of runs [steps, solved, accuracy, far],
//           z: the normal curve's quantile of a 95 % interval }

import {
  box, frame, hosted, inside, menu, short, slider, tag, teller, whole,
} from "../shared/common.js";

const FAR = 0.95; // what counts as right at ten times the lag

const RULES = [["learnt", "learnt"], ["kept", "learnt, and still right at ten times the lag"]];

// Wilson's interval of a share of k in n (Wilson 1927). z: 1.96 for 95 %.
export function wilson(k, n, z) {
  const [share, square] = [k / n, z * z];
  const middle = (share + square / (2 * n)) / (1 + square / n);
  const half = (z / (1 + square / n)) * Math.sqrt((share * (1 - share)) / n + square / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

export const cellOf = (start) => start.split(",")[0].trim();

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// What a square shows; null where there was no run.
function counted(runs, rule, allowed, z) {
  if (!runs.length) return null;
  const counts = ([steps, solved, , far]) => solved && steps <= allowed && (rule === "learnt" || far >= FAR);
  const [learnt, seeds] = [runs.filter(counts).length, runs.length];
  const [low, high] = wilson(learnt, seeds, z);
  return { learnt, seeds, share: learnt / seeds, low, high, accuracy: mean(runs.map((run) => run[2])),
    far: mean(runs.map((run) => run[3])) };
}

// The rows that a choice shows. rule: "learnt" or "kept"; allowed: steps of training; cell: its name, or "all".
export function compute({ budget, starts, lags, squares, z, rule = "learnt", allowed = budget, cell = "all" }) {
  return starts.map((start, s) => ({ start, cell: cellOf(start),
    squares: lags.map((_, l) => counted(squares[s][l], rule, allowed, z)) }))
    .filter((row) => cell === "all" || row.cell === cell);
}

const DARK_FROM = 0.625; // the share from which on white numbers read better than black ones
const [LIGHT, DEEP] = [[0xf4, 0xf0, 0xfa], [0x3f, 0x1d, 0x6e]];

// The colour of a square and of the number in it.
export function shade(share) {
  const parts = LIGHT.map((light, n) => Math.floor(light + share * (DEEP[n] - light) + 0.5));
  const fill = `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  return [fill, share < DARK_FROM ? "#000000" : "#ffffff"];
}

export function colourOf(cell) {
  const known = [["lstm", "#0072B2"], ["gru", "#009E73"], ["rnn", "#D55E00"]];
  return known.find(([name]) => cell.toLowerCase().includes(name))?.[1] ?? "#777777";
}

// The line told of one square.
export function told(row, lag, square) {
  const where = `${row.start} at lag ${whole(lag)}`;
  if (!square) return `${where}: not run.`;
  const { learnt, seeds, low, high, accuracy, far } = square;
  return `${where}: ${learnt} of ${seeds} seeds, 95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}. ` +
    `At the end of training the accuracy is ${accuracy.toFixed(2)}, at ten times the lag ${far.toFixed(2)} (means).`;
}

const LOOK = `
.course-widget.phase-diagram table { border-collapse: separate; border-spacing: 2px; width: 100%;
  table-layout: fixed; margin: 6px 0;
  color: #222; background: #fff; border: none; font-size: 14px; }
.course-widget.phase-diagram th, .course-widget.phase-diagram td { padding: 3px 2px; text-align: center;
  border: none; background: none;
  overflow-wrap: normal; white-space: normal; max-width: none; color: #222; font-weight: normal; }
.course-widget.phase-diagram tr, .course-widget.phase-diagram tbody tr:nth-child(n) { background: #fff; }
.course-widget.phase-diagram tbody th { text-align: left; padding-left: 8px; border-left: 6px solid;
  overflow-wrap: break-word; }
.course-widget.phase-diagram thead th { font-size: 13px; padding: 3px 0; }
.course-widget.phase-diagram thead th:first-child { width: 38%; text-align: left; }
.course-widget.phase-diagram tr.new > * { border-top: 2px solid #222; }
.course-widget.phase-diagram td { font-variant-numeric: tabular-nums; cursor: pointer; height: 24px; }
.course-widget.phase-diagram td.none { background: repeating-linear-gradient(135deg, #fff 0 5px, #ececec 5px 7px);
  font-size: 12px;
  line-height: 1.1; }
.course-widget.phase-diagram td[aria-selected="true"] { outline: 2px solid #222; outline-offset: -1px;
  box-shadow: inset 0 0 0 2px #fff; }
.course-widget.phase-diagram td:focus-visible { outline: 3px solid #0072B2; outline-offset: 0; }
.phase-diagram .scale { max-width: 360px; flex: 1 1 240px; }
.phase-diagram .told { min-height: 4.2em; }`;

// The key of the shades: a strip of six, with their shares.
function scale() {
  const svg = tag("svg", { viewBox: "0 0 360 24", role: "img", class: "scale",
    "aria-label": "The shades, from a share of 0, light, to a share of 1, dark." });
  [0, 0.2, 0.4, 0.6, 0.8, 1].forEach((share, n) => {
    const [fill, ink] = shade(share);
    svg.append(tag("rect", { x: 60 * n + 1, y: 1, width: 58, height: 22, fill, stroke: "#999" }));
    svg.append(tag("text", { x: 60 * n + 30, y: 17, "text-anchor": "middle", "font-size": 13, style: `fill: ${ink}` },
      short(share)));
  });
  return svg;
}

// One square of the table; `at`: its row and column.
function squareCell(row, lag, square, at, chosen) {
  const cell = tag("td", { role: "gridcell", tabindex: chosen ? 0 : -1, "aria-selected": chosen, "data-at": at.join(),
    "aria-label": `${row.start}, lag ${whole(lag)}: ${square ? `${square.learnt} of ${square.seeds}` : "not run"}` },
    square ? short(square.share, 2) : "not run");
  if (!square) cell.classList.add("none");
  else [cell.style.background, cell.style.color] = shade(square.share);
  return cell;
}

// The table of all squares. `chosen`: [row, column].
function table(p, rows, chosen) {
  const element = tag("table", { role: "grid", "aria-label": "Share of seeds that learnt, by start and lag" });
  const heads = p.lags.map((lag, l) => tag("th", { scope: "col" }, l ? whole(lag) : `lag ${whole(lag)}`));
  const body = rows.map((row, s) => {
    const name = tag("th", { scope: "row", style: `border-left-color: ${colourOf(row.cell)}` }, row.start);
    const squares = row.squares.map((square, l) =>
      squareCell(row, p.lags[l], square, [s, l], s === chosen[0] && l === chosen[1]));
    const first = s && rows[s - 1].cell !== row.cell;
    return inside(tag("tr", first ? { class: "new" } : {}), name, ...squares);
  });
  const top = inside(tag("tr"), tag("th", { scope: "col" }, "start"), ...heads);
  return inside(element, inside(tag("thead"), top), inside(tag("tbody"), ...body));
}

// Where a key leads from [row, column]; nothing for other keys.
export function moved([row, column], pressed, rows, columns) {
  const to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1], Home: [row, 0], End: [row, columns - 1] }[pressed];
  return to && [Math.max(0, Math.min(rows - 1, to[0])), Math.max(0, Math.min(columns - 1, to[1]))];
}

// The steps that the slider allows: from a tenth of the budget to the whole of it.
export function range(budget) {
  const step = Math.max(1, Math.round(budget / 50));
  return [budget - step * Math.floor((0.9 * budget) / step + 1e-9), budget, step];
}

const placeOf = (target) => target.closest?.("td[data-at]")?.dataset.at.split(",").map(Number);

// Pointer and keys in the table: `choose` and `preview` get [row, column].
function listen(grid, state, choose, preview) {
  grid.addEventListener("click", ({ target }) => { if (placeOf(target)) choose(placeOf(target), true); });
  grid.addEventListener("pointerover", ({ target }) => preview(placeOf(target) ?? state.chosen));
  grid.addEventListener("pointerleave", () => preview(state.chosen));
  grid.addEventListener("keydown", (event) => {
    const to = moved(state.chosen, event.key, state.rows.length, state.columns);
    if (!to || !placeOf(event.target)) return;
    event.preventDefault();
    choose(to, true);
  });
}

export function mount(element, params) {
  const p = { ...params, rule: "learnt", allowed: params.budget, cell: "all" };
  const root = inside(frame("phase-diagram", "Phase diagram of what is learnt"), tag("style", {}, LOOK));
  const [grid, text] = [box("grid"), teller()];
  const state = { chosen: [0, 0], rows: [], columns: p.lags.length };
  const say = ([s, l]) => { text.textContent = told(state.rows[s], p.lags[l], state.rows[s].squares[l]); };
  function update() {
    state.rows = compute(p);
    if (state.chosen[0] >= state.rows.length) state.chosen = [0, state.chosen[1]];
    const [s, l] = state.chosen;
    grid.replaceChildren(table(p, state.rows, state.chosen));
    say(state.chosen);
    const square = state.rows[s].squares[l];
    Object.assign(root.dataset, { rule: p.rule, allowed: p.allowed, start: state.rows[s].start, lag: p.lags[l],
      learnt: square ? square.learnt : "", rows: state.rows.length });
  }
  listen(grid, state, (to, focus) => {
    state.chosen = to;
    update();
    if (focus) grid.querySelector('td[tabindex="0"]').focus();
  }, say);
  const cells = [...new Set(p.starts.map(cellOf))].map((cell) => [cell, cell]);
  const allowed = slider(p, "allowed", "steps of training allowed", update, range(p.budget));
  allowed.classList.add("film");
  const anew = () => { state.chosen = [0, state.chosen[1]]; update(); };
  root.append(box("row", menu(p, "rule", "what counts", RULES, update), menu(p, "cell", "cell",
    [["all", "all"], ...cells], anew)), box("row", allowed), grid,
    box("row", tag("span", {}, "share of seeds"), scale()), text);
  element.append(root);
  update();
}

const render = hosted(mount);

export default { render };
