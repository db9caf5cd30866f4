// Two networks compared: scores, intervals, the tricks that it took, and the course's rule. For params and choices see
// comparison_workbench.js.

import { short, whole } from "../shared/common.js";

export const STARTS = ["searched", "torch's own"];
export const SIZES = ["equal parameters", "equal width"];
export const SIDES = ["left", "right"];
export const RULE = { left: "RNN", right: "LSTM", leftStart: STARTS[0], rightStart: STARTS[0], size: SIZES[0],
  measure: "steps", seeds_used: "all" }; // the course's rule

export const sum = (values) => values.reduce((one, other) => one + other, 0);
export const mean = (values) => sum(values) / values.length;

// The 95 % interval of the mean of some differences; null for fewer than two. t: as in params.
export function interval(values, t) {
  if (values.length < 2) return null;
  const middle = mean(values);
  const variance = sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1);
  const half = t[values.length - 2] * Math.sqrt(variance / values.length);
  return [middle - half, middle + half];
}

// One network's runs at a task and lag; undefined where it was not run.
export function groupOf(runs, { task, lag, size }, network, start) {
  const wanted = [runs.tasks.indexOf(task), Number(lag), runs.networks.indexOf(network), STARTS.indexOf(start),
    SIZES.indexOf(size)];
  const found = runs.groups.find((group) => wanted.every((value, n) => group[n] === value));
  if (!found) return undefined;
  const [parameters, steps, seconds, operations, solved] = found.slice(5);
  return { parameters, steps, seconds, operations, solved };
}

const groupsOf = (choice, runs) => SIDES.map((side) => groupOf(runs, choice, choice[side], choice[`${side}Start`]));

// What a run scores; an unsolved one counts as the whole budget of steps.
function score(group, n, measure, budget) {
  if (measure === "share") return group.solved[n];
  return measure === "steps" && !group.solved[n] ? budget : group[measure][n];
}

const present = (values) => values.filter((value) => value !== null);

// What one step costs, by a measure; steps themselves cost 1.
const rate = (group, measure) => (measure === "steps" ? 1 : sum(present(group[measure])) / sum(present(group.steps)));

export const better = (one, other, measure) => (measure === "share" ? one > other : one < other);

// One side over the seeds that both have. cap: what the whole budget costs it.
function sideOf(group, pairs, measure, budget) {
  const values = pairs.map((n) => score(group, n, measure, budget));
  const cap = measure === "share" ? null : rate(group, measure) * budget;
  return { values, solved: pairs.map((n) => group.solved[n]), mean: mean(values), cap, parameters: group.parameters };
}

// Which of the pairs speak for the two sides; null where all do.
function picked(choice, sides, seeds) {
  if (choice.seeds_used === "one") return sides.map(() => seeds.indexOf(Number(choice.seed)));
  if (choice.seeds_used === "all") return null;
  return sides.map(({ values }) => values.reduce((best, value, n) =>
    (better(value, values[best], choice.measure) ? n : best), 0));
}

// The smallest difference that counts, in steps; other measures have none.
export const leastOf = ({ measure }, { margin }) => (measure === "steps" ? margin : 0);

// An interval of a difference is no longer than the whole budget, or all runs.
function within(bounds, { measure }, { budget }) {
  const most = { steps: budget, share: 1 }[measure] ?? Infinity;
  return bounds && bounds.map((bound) => Math.min(most, Math.max(-most, bound)));
}

// The winner: 0 the left side, 1 the right one, null nobody.
function winnerOf(choice, shown, bounds, least) {
  const first = better(shown[0], shown[1], choice.measure);
  const undecided = choice.seeds_used === "all" ? !bounds || (bounds[0] <= least && bounds[1] >= -least)
    : shown[0] === shown[1];
  return undecided ? null : first ? 0 : 1;
}

// Did a side solve it, in the run that speaks for it, or in any where all do?
const solvedBy = ({ solved }, k) => (k === undefined ? solved.some(Boolean) : Boolean(solved[k]));

// Both sides by the rules of a choice. missing: what was not run (the rest is then absent).
export function compare(choice, runs) {
  const groups = groupsOf(choice, runs);
  const missing = SIDES.filter((_, n) => !groups[n]);
  if (missing.length) return { missing, winner: null };
  const pairs = runs.seeds.flatMap((_, n) => (groups.every(({ steps }) => steps[n] !== null) ? [n] : []));
  const seeds = pairs.map((n) => runs.seeds[n]);
  const lacks = !pairs.length || (choice.seeds_used === "one" && !seeds.includes(Number(choice.seed)));
  if (lacks) return { missing: ["seed"], winner: null };
  const sides = groups.map((group) => sideOf(group, pairs, choice.measure, runs.budget));
  const differences = pairs.map((_, n) => sides[0].values[n] - sides[1].values[n]);
  const at = picked(choice, sides, seeds);
  const shown = sides.map((side, n) => (at ? side.values[at[n]] : side.mean));
  const bounds = within(interval(differences, runs.t), choice, runs);
  const winner = winnerOf(choice, shown, bounds, leastOf(choice, runs));
  const hollow = winner !== null && !solvedBy(sides[winner], at?.[winner]) ? winner : null; // cheap, and in vain
  return { missing, seeds, sides, differences, interval: bounds, at, shown, hollow,
    winner: hollow === null ? winner : null };
}

// What the two sides are called: by the network, or by their side where it is the same.
export const namesOf = ({ left, right }) => (left === right ? [`left ${left}`, `right ${right}`] : [left, right]);

// "3.6 times", or a share of one such as "0.28 times".
const times = (ratio) => `${short(ratio, 2)} times`;

function startTrick({ leftStart, rightStart }, names) {
  if (leftStart === RULE.leftStart && rightStart === RULE.rightStart) return [];
  if (leftStart === rightStart) return [`torch's own start for both sides: it was searched for neither`];
  const n = leftStart === STARTS[1] ? 0 : 1;
  return [`torch's own start for the ${names[n]}, a searched one for the ${names[1 - n]}`];
}

function sizeTrick({ size }, groups, names) {
  if (size === RULE.size) return [];
  const counts = groups.map((group) => group?.parameters);
  if (!counts.every((count) => count > 0)) return ["equal width in place of equal parameters"];
  const n = counts[0] > counts[1] ? 0 : 1;
  const ratio = counts[n] / counts[1 - n];
  if (ratio < 1.05) return ["equal width in place of equal parameters (here they have as many)"];
  return [`equal width: the ${names[n]} has ${times(ratio)} the parameters`];
}

function measureTrick({ measure }, groups, names) {
  if (measure === RULE.measure) return [];
  if (measure === "share") return ["the share that solved it in place of steps: how fast does not count"];
  const what = { seconds: "CPU seconds", operations: "operations" }[measure];
  const rates = groups.map((group) => group && rate(group, measure));
  if (!rates.every((value) => value > 0)) return [`${what} in place of steps`];
  const n = rates[0] < rates[1] ? 0 : 1;
  return [`${what} in place of steps: a step of the ${names[n]} takes ${times(rates[n] / rates[1 - n])} ` +
    `what one of the ${names[1 - n]} does`];
}

function seedTrick({ seeds_used: used, seed }, { seeds }) {
  return { one: [`one seed of ${seeds.length}: number ${seed}`],
    best: [`only the best of ${seeds.length} seeds on each side`] }[used] ?? [];
}

function networkTrick({ left, right }) {
  const asked = [RULE.left, RULE.right];
  if ([left, right].sort().join() === asked.sort().join()) return [];
  return [`${left} against ${right}: the course's rule compares ${RULE.left} and ${RULE.right}`];
}

function placeTrick({ task, lag }, { tasks, ruled }) {
  const place = [tasks.indexOf(task), Number(lag)];
  const was = ruled.some((one) => one.join() === place.join());
  return was ? [] : [`${task} at lag ${whole(lag)} is not compared by the course's rule`];
}

// Which choices differ from the course's rule, in words.
export function tricks(choice, runs) {
  const [groups, names] = [groupsOf(choice, runs), namesOf(choice)];
  return [...networkTrick(choice), ...placeTrick(choice, runs), ...seedTrick(choice, runs),
    ...startTrick(choice, names), ...sizeTrick(choice, groups, names), ...measureTrick(choice, groups, names)];
}

// RNN against LSTM under the course's rule, at its tasks and lags, or at the "others".
export function ruledTable(runs, places = "ruled") {
  return runs[places].map(([task, lag]) => {
    const choice = { ...RULE, task: runs.tasks[task], lag };
    const { missing, winner, shown, interval: bounds } = compare(choice, runs);
    const run = !missing.length && bounds;
    return { task: choice.task, lag, means: run ? shown : null, interval: run ? bounds : null,
      winner: !run ? "not run" : winner === null ? "undecided" : [RULE.left, RULE.right][winner] };
  });
}
