// Two networks compared by the learner's own rules, with the tricks that this took, and by the course's rule.
// params: { budget, seeds: S numbers, tasks: names, lags: a list for each task, networks: names,
//           groups: [task, lag, network, start, size, parameters, steps, seconds, millions of operations, solved] each
//             (numbers of the names; the last four are lists over the seeds, null where a seed was not run),
//           ruled, others: [task, lag] each; margin: the smallest difference that counts, in steps,
//           t: Student's quantiles of a 95 % interval for 2, 3, … S values }
// A choice: { task, lag, left, leftStart, right, rightStart, size, measure, seeds_used, seed }.

import {
  DARK, box, button, chart, curve, dot, frame, hosted, inside, key, menu, short, tag, teller, ticks, whole,
} from "../shared/common.js";
import {
  RULE, SIDES, SIZES, STARTS, better, compare, groupOf, leastOf, mean, namesOf, ruledTable, sum, tricks,
} from "./rules.js";

// Everything shown for the choice in p, which holds the runs too.
export const compute = (p) => ({ ...compare(p, p), tricks: tricks(p, p), table: ruledTable(p),
  beside: ruledTable(p, "others") });

// How the numbers of a measure are written: their unit, and what they are divided by for it.
export function unitOf(measure, largest) {
  if (measure !== "operations") return [{ steps: "steps", seconds: "CPU seconds", share: "share solved" }[measure], 1];
  return largest >= 1000 ? ["billion operations", 1000] : ["million operations", 1];
}

const amount = (value, [name, size]) => (name === "steps" ? whole(value) : short(value / size));

const upper = (text) => text[0].toUpperCase() + text.slice(1);

function absent({ missing }, choice) {
  const where = `${choice.task} at lag ${whole(choice.lag)}`;
  if (missing[0] === "seed") return `Not run: ${where} with this seed on both sides. Choose another seed.`;
  const which = missing.map((side) => `${choice[side]}, ${choice[`${side}Start`]}, ${choice.size}`);
  return `Not run: ${[...new Set(which)].join(" and ")}, ${where}. Choose another.`;
}

// "310 steps against 840", the winner's first.
function against(found, choice, first) {
  const unit = unitOf(choice.measure, Math.max(...found.shown));
  const [one, other] = [found.shown[first], found.shown[1 - first]];
  if (choice.measure !== "share") return `${amount(one, unit)} ${unit[0]} against ${amount(other, unit)}`;
  if (choice.seeds_used !== "all") return `${one ? "solved" : "not solved"} against ${other ? "solved" : "not solved"}`;
  return `${short(one, 2)} of the runs solved it against ${short(other, 2)}`;
}

function boundsTold(found, choice, names) {
  const unit = unitOf(choice.measure, Math.max(...found.shown));
  const [low, high] = found.interval.map((value) => amount(value, unit));
  return `${names[0]} − ${names[1]}: ${amount(mean(found.differences), unit)}, 95 % interval ${low} to ${high}.`;
}

// The verdict on a choice: careful over all seeds, bare over one.
export function verdict(found, choice) {
  if (found.missing.length) return absent(found, choice);
  const [names, { winner }] = [namesOf(choice), found];
  if (found.hollow !== null) {
    return `No winner: ${names[found.hollow]} spent less, and did not solve it: ${against(found, choice, found.hollow)}.`;
  }
  const nobody = !found.sides.some(({ solved }) => solved.some(Boolean));
  if (choice.seeds_used !== "all") {
    if (winner === null) return `A tie: ${against(found, choice, 0)}.`;
    return `${upper(names[winner])} wins! ${upper(against(found, choice, winner))}.`;
  }
  if (!found.interval) return `No winner: one seed has no interval. ${upper(against(found, choice, 0))}.`;
  const told = boundsTold(found, choice, names);
  if (winner !== null) return `${upper(names[winner])} wins: ${against(found, choice, winner)}. ${told}`;
  const none = nobody ? " Neither side solved it once." : "";
  const least = leastOf(choice, choice);
  const why = least ? `by the interval they may differ by ${whole(least)} steps or fewer`
    : "the interval of the difference holds 0";
  return `No winner: ${why} (${against(found, choice, 0)}). ${told}${none}`;
}

// Is a goal ("RNN" or "LSTM") reached: does it win against the other one?
export function reached(goal, found, choice) {
  const pair = [choice.left, choice.right];
  return found.winner !== null && pair.includes(RULE.left) && pair.includes(RULE.right) && pair[found.winner] === goal;
}

function goalTold(goal, found, choice, used) {
  if (!goal) return "";
  const [other] = [RULE.left, RULE.right].filter((name) => name !== goal);
  if (!reached(goal, found, choice)) return `Goal: make the ${goal} win against the ${other}. Not yet.`;
  const how = used.length ? `with ${used.length} ${used.length === 1 ? "trick" : "tricks"}` : "without a trick";
  return `Goal reached: the ${goal} wins, ${how}.`;
}

const COLOURS = { RNN: "#D55E00", IRNN: "#D55E00", LSTM: "#0072B2", GRU: "#009E73", convolution: "#A34C80",
  Transformer: "#7A5C00", "state space": "#5B3FA0" };
const colourOf = (network) => COLOURS[network] ?? "#777777";

// A dot's height in its row, so that a seed stands at one height everywhere.
const height = (n, count) => 0.5 - (count > 1 ? (n / (count - 1) - 0.5) * 0.5 : 0);

function note(axes, x, y, text, anchor) {
  axes.svg.append(tag("text", { x, y: axes.Y(y), "text-anchor": anchor, "font-size": 12.5 }, text));
}

const CHART = 236;

// A run's dot: large where it is the one that speaks for its side, pale where another does.
function lookOf(speaks, k, stroke) {
  if (speaks === undefined) return { r: 4.5, stroke };
  return speaks === k ? { r: 7, stroke: DARK } : { r: 4.5, stroke, opacity: 0.35 };
}

// One side's dots, its mean and what the whole budget costs it; `floor`: where its row begins.
function sideRow(axes, side, floor, { scaled, colour, speaks }) {
  const line = (x, attributes) => curve(axes, [[scaled(x), floor + 0.12], [scaled(x), floor + 0.78]], attributes);
  if (side.cap !== null) line(side.cap, { "stroke-dasharray": "5 4", "stroke-width": 1.5 });
  line(side.mean, { stroke: colour, "stroke-width": 4 });
  side.values.forEach((value, k) => dot(axes, [scaled(value), floor + height(k, side.values.length) - 0.05],
    { fill: side.solved[k] ? colour : "#fff", ...lookOf(speaks, k, colour) }));
}

// A dot for each run, open where it was not solved; the left side above, the right below.
function runsChart(p, found) {
  const high = p.measure === "share" ? 1 : Math.max(...found.sides.flatMap(({ values, cap }) => [...values, cap]));
  const unit = unitOf(p.measure, high);
  const scaled = (value) => value / unit[1];
  const range = p.measure === "share" ? [-0.08, 1.08] : [0, 1.06 * scaled(high || 1)];
  const said = found.sides.map((side, n) => `${namesOf(p)[n]}: mean ${amount(side.mean, unit)}, ` +
    `${sum(side.solved)} of ${side.values.length} solved`);
  const marks = p.measure === "share" ? [0, 0.5, 1] : ticks(0, range[1], 4);
  const axes = chart(`Each run. ${said.join("; ")}.`, CHART, { range, ticks: marks, label: unit[0] },
    { range: [0, 2], ticks: [], label: "each run" });
  found.sides.forEach((side, n) => {
    const text = `${p[SIDES[n]]}, ${p[`${SIDES[n]}Start`]}: mean ${amount(side.mean, unit)}`;
    note(axes, axes.X(range[0]) + 5, 1.84 - n, text, "start");
    sideRow(axes, side, 1 - n, { scaled, colour: colourOf(p[SIDES[n]]), speaks: found.at?.[n] });
  });
  curve(axes, [[range[0], 1], [range[1], 1]], { stroke: "#999", "stroke-width": 1 });
  return axes.svg;
}

// The difference left − right for each seed; above, its mean with the interval, or what is claimed.
function differenceChart(p, found) {
  const claimed = found.shown[0] - found.shown[1];
  const bounds = p.seeds_used === "all" ? found.interval : null;
  const all = [...found.differences, claimed, ...(bounds ?? [])];
  const unit = unitOf(p.measure, Math.max(...all.map(Math.abs)));
  const scaled = (value) => value / unit[1];
  const most = 1.12 * scaled(Math.max(...all.map(Math.abs)) || 1);
  const [low, high] = (bounds ?? []).map((bound) => amount(bound, unit));
  const label = bounds ? `mean ${amount(claimed, unit)}, 95 % interval ${low} to ${high}`
    : `claimed ${amount(claimed, unit)}`;
  const names = namesOf(p);
  const pair = p.left === p.right ? SIDES : names;
  const axes = chart(`The difference for each seed. ${upper(label)}.`, CHART,
    { range: [-most, most], ticks: ticks(-most, most, 4), label: `${unit[0]}: ${pair[0]} − ${pair[1]}` },
    { range: [0, 2], ticks: [], label: "difference for each seed: which network is better?" });
  const sides = p.measure === "share" ? [names[1], names[0]] : names;
  note(axes, axes.X(-most) + 5, 1.82, `◀ ${sides[0]}`, "start");
  note(axes, axes.X(most) - 5, 1.82, `${sides[1]} ▶`, "end");
  curve(axes, [[0, 0], [0, 1.75]], { "stroke-width": 1.5 });
  found.differences.forEach((value, k) => dot(axes, [scaled(value), 1.6 * height(k, found.differences.length) - 0.1],
    { r: 4, fill: "#777", stroke: "#777", opacity: bounds ? 1 : 0.35 }));
  if (bounds) curve(axes, bounds.map((value) => [scaled(value), 1.4]), { "stroke-width": 4 });
  dot(axes, [scaled(claimed), 1.4], { r: 7, fill: bounds ? "#fff" : DARK });
  return axes.svg;
}

function legend({ measure, seeds_used: used }) {
  const share = measure === "share";
  return key([
    ["solved", { fill: "#777", stroke: "#777" }, "circle"],
    [share ? "not solved" : "not solved: counts as the whole budget",
      { fill: "#fff", stroke: "#777", "stroke-width": 1.5 }, "circle"],
    ["mean", { stroke: "#777", "stroke-width": 4 }],
    ...(share ? [] : [["the whole budget", { stroke: DARK, "stroke-dasharray": "5 4", "stroke-width": 1.5 }]]),
    used === "all" ? ["95 % interval of the difference", { stroke: DARK, "stroke-width": 4 }]
      : ["what is claimed", { fill: DARK }, "circle"],
  ]);
}

function rowOf({ task, lag, means, interval: bounds, winner }) {
  const cells = [whole(lag), ...(means ?? []).map(whole), ...(bounds ? [bounds.map(whole).join(" to ")] : [])];
  while (cells.length < 4) cells.push("–");
  const mark = tag("span", { class: "mark", style: `background: ${COLOURS[winner]}` });
  const last = inside(tag("td"), ...(winner in COLOURS ? [mark] : []), winner);
  return inside(tag("tr"), tag("th", { scope: "row" }, task), ...cells.map((text) => tag("td", {}, text)), last);
}

// "LSTM wins 3, RNN wins 1, undecided 0"
function counted(rows) {
  const count = (winner) => rows.filter((row) => row.winner === winner).length;
  return `LSTM wins ${count("LSTM")}, RNN wins ${count("RNN")}, undecided ${count("undecided")}`;
}

// The table of all comparisons by the course's rule, and below those of other tasks and lags.
function tableOf(p, rows, others) {
  const least = p.margin ? `, decided from ${whole(p.margin)} steps on` : "";
  const more = others.length ? ` Below the line ${others.length} more that no rule reads: ${counted(others)}.` : "";
  const said = `The course's rule at ${rows.length} tasks and lags: ${counted(rows)}.${more} ` +
    `Searched starts, equal parameters, all ${p.seeds.length} seeds, mean steps${least}.`;
  const heads = ["task", "lag", RULE.left, RULE.right, "RNN − LSTM, 95 % interval", "winner"];
  const top = inside(tag("tr"), ...heads.map((text) => tag("th", { scope: "col" }, text)));
  const bodies = [rows, others].filter(({ length }) => length);
  return inside(tag("table"), tag("caption", {}, said), inside(tag("thead"), top),
    ...bodies.map((body) => inside(tag("tbody"), ...body.map(rowOf))));
}

const LOOK = `
.course-widget.comparison-workbench table { border-collapse: collapse; margin: 10px 0 4px; font-size: 13px;
  border: none;
  color: #222; background: #fff; font-variant-numeric: tabular-nums; table-layout: auto; }
.course-widget.comparison-workbench caption { text-align: left; padding: 4px 0; color: #222; font-size: 14px;
  caption-side: top; }
.course-widget.comparison-workbench tr, .course-widget.comparison-workbench tbody tr:nth-child(n) { background: #fff;
  border: none; border-top: 1px solid #ddd; }
.course-widget.comparison-workbench tbody + tbody { border-top: 2px solid #222; }
.course-widget.comparison-workbench th, .course-widget.comparison-workbench td { padding: 2px 10px;
  text-align: right; border: none; color: #222;
  max-width: none; white-space: normal; background: none; font-weight: normal; }
.course-widget.comparison-workbench thead th { font-weight: bold; vertical-align: bottom; }
.course-widget.comparison-workbench th:first-child, .course-widget.comparison-workbench th:last-child,
  .course-widget.comparison-workbench td:last-child {
  text-align: left; }
.comparison-workbench .mark { display: inline-block; width: 8px; height: 8px; border: 1px solid #222;
  margin-right: 6px; }
.course-widget.comparison-workbench th:first-child { padding-left: 0; }
@media (max-width: 480px) {
  .comparison-workbench table { font-size: 12px; width: 100%; }
  .course-widget.comparison-workbench th, .course-widget.comparison-workbench td { padding: 2px 3px; }
  .comparison-workbench .mark { margin-right: 3px; }
}
.comparison-workbench fieldset { border: 1px solid #999; border-radius: 4px; margin: 4px 0; padding: 2px 10px 4px;
  min-width: 0; display: flex; flex-wrap: wrap; gap: 6px 14px; }
.comparison-workbench legend { padding: 0 4px; font-size: 14px; color: #222; }
.comparison-workbench .tricks { margin: 4px 0; }
.comparison-workbench .tricks ul { margin: 2px 0; padding-left: 22px; list-style: disc; }
.comparison-workbench .tricks li { margin: 0; }`;

function tricksList(used, count) {
  if (!used.length) {
    const none = "The tricks in use: none. These are the settings of the course's rule, " +
      `for one of ${count} tasks and lags.`;
    return box("tricks", tag("div", {}, none));
  }
  return box("tricks", tag("div", {}, "The tricks in use:"),
    inside(tag("ul"), ...used.map((text) => tag("li", {}, text))));
}

const MEASURES = [["steps", "steps to the criterion"], ["seconds", "CPU seconds to the criterion"],
  ["operations", "operations to the criterion"], ["share", "share of runs that solved it"]];

// What each menu offers: [value, text], with "(not run)" where a side would be missing.
export function offers(p) {
  const marked = (name, values, sides = SIDES) => values.map((value) => {
    const changed = { ...p, [name]: value };
    const runs = sides.every((side) => groupOf(p, changed, changed[side], changed[`${side}Start`]));
    return [String(value), `${name === "lag" ? whole(value) : value}${runs ? "" : " (not run)"}`];
  });
  const of = (side) => [[side, marked(side, p.networks, [side])],
    [`${side}Start`, marked(`${side}Start`, STARTS, [side])]];
  return Object.fromEntries([["task", p.tasks.map((task) => [task, task])],
    ["lag", marked("lag", p.lags[p.tasks.indexOf(p.task)])], ...SIDES.flatMap(of), ["size", marked("size", SIZES)],
    ["measure", MEASURES], ["seeds_used", [["all", `all ${p.seeds.length}, with interval`], ["one", "one seed"],
      ["best", "the best seed of each"]]], ["seed", p.seeds.map((seed) => [String(seed), String(seed)])]]);
}

const NAMES = { task: "task", lag: "lag", left: "left network", leftStart: "left start", right: "right network",
  rightStart: "right start", size: "size rule", measure: "measure", seeds_used: "seeds", seed: "seed" };

// The menus by their keys, and `set`, which writes offers and choices again.
function menusOf(p, update) {
  const all = Object.fromEntries(Object.entries(offers(p)).map(([name, items]) =>
    [name, menu(p, name, NAMES[name], items, update)]));
  const set = () => Object.entries(offers(p)).forEach(([name, items]) => {
    const select = all[name].querySelector("select");
    if (select.options.length !== items.length) select.replaceChildren(...items.map(() => tag("option")));
    items.forEach(([value, text], n) => Object.assign(select.options[n], { value, textContent: text }));
    select.value = p[name];
    select.disabled = name === "seed" && p.seeds_used !== "one";
  });
  return { all, set };
}

// The choice in a widget that was just opened, or after another task was chosen.
export function completed(p) {
  const lags = p.lags[p.tasks.indexOf(p.task)];
  if (!lags.includes(Number(p.lag))) p.lag = String(lags[0]);
  return p;
}

function sidesBox(menus) {
  const one = (side) => inside(tag("fieldset"), tag("legend", {}, `${side} side`), menus[side], menus[`${side}Start`]);
  return box("panels", ...SIDES.map(one));
}

export function mount(element, params) {
  const [task, lag] = params.ruled[0];
  const first = { task: params.tasks[task], lag: String(lag), seed: String(params.seeds[0]) };
  const p = completed({ ...params, ...RULE, ...first });
  let goal = "";
  const root = inside(frame("comparison-workbench", "Comparison workbench: win any argument"), tag("style", {}, LOOK));
  const [text, list, left, right, signs] = [teller(), ...Array.from({ length: 4 }, () => box(""))];
  text.style.minHeight = "3em";
  const menus = menusOf(p, update);
  function update() {
    completed(p);
    menus.set();
    const found = compute(p);
    const lines = [verdict(found, p), goalTold(goal, found, p, found.tricks)];
    text.replaceChildren(...lines.map((line) => tag("div", {}, line)));
    list.replaceChildren(tricksList(found.tricks, p.ruled.length));
    left.replaceChildren(...(found.missing.length ? [] : [runsChart(p, found)]));
    signs.replaceChildren(...(found.missing.length ? [] : [legend(p)]));
    right.replaceChildren(...(found.missing.length ? [] : [differenceChart(p, found)]));
    Object.assign(root.dataset, { winner: found.winner === null ? "nobody" : p[SIDES[found.winner]], goal,
      reached: goal !== "" && reached(goal, found, p), tricks: found.tricks.length });
  }
  const aim = (name) => button(`Make the ${name} win`, () => { goal = name; update(); });
  const table = tableOf(p, ruledTable(p), ruledTable(p, "others"));
  table.hidden = true; // until it is asked for
  const back = button("The course's rule", () => { Object.assign(p, RULE); table.hidden = false; update(); });
  const { all } = menus;
  root.append(box("row", aim(RULE.left), aim(RULE.right), back), box("row", all.task, all.lag), sidesBox(all),
    box("row", all.size, all.measure), box("row", all.seeds_used, all.seed), text, list, box("panels", left, right),
    signs, table);
  element.append(root);
  update();
}

const render = hosted(mount);

export default { render };
