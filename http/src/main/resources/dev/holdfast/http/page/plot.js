// The last two minutes of the cluster, as small plots.

import { duration, el, number, render, svg } from "./dom.js";

const SPAN_MS = 120_000;
const GAP_MS = 5_000; // longer without a sample, and the line breaks instead of pretending
const WIDTH = 240;
const HEIGHT = 48;

const rate = value => (value < 10 ? Math.round(value * 10) / 10 : number(Math.round(value)));
const SERIES = [
  { name: "Grants per second", of: sample => sample.rate, text: rate, least: 1 },
  { name: "Callers waiting", of: sample => sample.waiters, text: number, least: 1 },
  { name: "Mean wait", of: sample => sample.waitMs, text: duration, least: 1000 },
  { name: "Longest wait", of: sample => sample.longestWaitMs, text: duration, least: 1000 },
];

let samples = [];

export function addSample(summary, container) {
  const before = samples.at(-1);
  const passed = before ? summary.atMs - before.atMs : 0;
  if (passed < 0) samples = []; // the clock of the peer was set back
  const granted = before ? summary.grants - before.grants : -1;
  const waits = before ? summary.waits - before.waits : 0; // not a number, or negative, where another peer's count came between
  const waitMs = waits > 0 ? (summary.waitedMs - before.waitedMs) / waits : null;
  samples.push({ ...summary, waitMs, rate: passed > 0 && granted >= 0 ? (granted * 1000) / passed : null });
  samples = samples.filter(sample => sample.atMs > summary.atMs - SPAN_MS);
  render(container, SERIES.map(series => tile(series, summary.atMs)));
}

function tile({ name, of, text, least }, now) {
  const points = samples.map(sample => ({ at: sample.atMs, value: of(sample) }));
  const values = points.map(point => point.value).filter(value => value != null);
  const highest = Math.max(0, ...values);
  const current = points.at(-1)?.value;
  const shown = current == null ? "–" : text(current);
  const words = values.length === 0 ? `${name}: not known yet.`
    : `${name} over the last two minutes: now ${shown}, lowest ${text(Math.min(...values))}, highest ${text(highest)}.`;

  const x = at => (WIDTH * (1 - (now - at) / SPAN_MS)).toFixed(1);
  const y = value => (HEIGHT - 1 - (HEIGHT - 3) * (value / Math.max(highest, least))).toFixed(1);
  let line = "";
  let area = "";
  let last = null;
  for (const point of [...points, { value: null }]) {
    const joined = last && point.value != null && point.at - last.at <= GAP_MS;
    if (last && !joined) area += `L${x(last.at)} ${HEIGHT}Z`;
    if (point.value != null) {
      line += `${joined ? "L" : "M"}${x(point.at)} ${y(point.value)}${joined ? "" : "h0"}`; // h0: one that stands alone is a dot
      area += `${joined ? "" : `M${x(point.at)} ${HEIGHT}`}L${x(point.at)} ${y(point.value)}`;
    }
    last = point.value == null ? null : point;
  }
  return el("figure", {},
    el("figcaption", {}, name),
    el("p", { class: "now" }, shown),
    svg("svg", { role: "img", "aria-label": words, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" },
      svg("path", { class: "base", d: `M0 ${HEIGHT - 0.5}H${WIDTH}` }),
      svg("path", { class: "area", d: area }),
      svg("path", { class: "line", d: line })),
    el("p", { class: "scale" }, `highest ${values.length ? text(highest) : "–"}`));
}
