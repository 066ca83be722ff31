/** The charts. Each is a table with bars in it, so that everybody reads the same figures. */

import { count, el, seconds, whole } from "./opmaak.js";
import { short } from "./stand.js";

const OORDELEN = { J: "j", N: "n", "Niet getoetst": "niet" };
const MOST_CODES = 6;
const MOST_RONDES = 12;
const SVG = "http://www.w3.org/2000/svg";

/** A bar of one or more parts, each [share, class]; shares are of the whole width. */
function bar(parts) {
  const spans = parts.map(([share, name]) => {
    const span = el("span", { class: name });
    span.style.inlineSize = `${100 * share}%`;
    return span;
  });
  return el("td", { class: "bar-cell", "aria-hidden": "true" }, el("span", { class: "chart-bar" }, spans));
}

const heads = (names) => names.map((name) => el("th", { scope: "col", class: "numeric" }, name));

function table(caption, head, rows) {
  return el(
    "table",
    { class: "chart" },
    el("caption", { class: "sr" }, caption),
    el("thead", {}, el("tr", {}, head)),
    el("tbody", {}, rows),
  );
}

function put(section, title, note, ...content) {
  section.replaceChildren(el("h3", {}, title), el("p", { class: "muted" }, note), ...content);
}

/** J, N and Niet getoetst per test. */
export function showOutcomes(section, totals, organisations) {
  section.hidden = !totals.size;
  if (!totals.size) return;
  const rows = [...totals].map(([toets, telling]) => {
    const sum = Object.values(telling).reduce((a, b) => a + b, 0) || 1;
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, toets === "Belemmering" ? "Eindoordeel" : toets),
      bar(Object.entries(OORDELEN).map(([oordeel, name]) => [telling[oordeel] / sum, name])),
      Object.keys(OORDELEN).map((oordeel) => el("td", { class: "numeric" }, whole(telling[oordeel]))),
    );
  });
  const legend = Object.entries(OORDELEN).map(([oordeel, name]) =>
    el("th", { scope: "col", class: "numeric" }, el("span", { class: `key ${name}`, "aria-hidden": "true" }), oordeel),
  );
  const title = "Outcomes per test";
  const head = [el("th", { scope: "col" }, "Test"), el("td", { "aria-hidden": "true" }), legend];
  put(section, title, `Belemmering, of the publications of ${count(organisations, "organisation")}`, table(title, head, rows));
}

/** Intake errors by code: `errors` as [code, number]. */
export function showErrors(section, errors, descriptions) {
  section.hidden = !errors.length;
  if (!errors.length) return;
  const most = errors[0][1];
  const rows = errors.slice(0, MOST_CODES).map(([code, n]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, el("code", {}, code)),
      bar([[n / most, "error"]]),
      el("td", { class: "numeric" }, whole(n)),
      el("td", { class: "text", lang: "nl", title: descriptions[code] ?? null }, el("span", {}, descriptions[code] ?? "")),
    ),
  );
  const title = "Intake errors by code";
  const sum = errors.reduce((total, [, n]) => total + n, 0);
  const more = errors.length > MOST_CODES ? `; the ${MOST_CODES} most frequent of ${errors.length} codes` : "";
  const head = [el("th", { scope: "col" }, "Code"), el("td", { "aria-hidden": "true" }), heads(["Errors"]), el("th", { scope: "col" }, "Meaning")];
  put(section, title, `${count(sum, "error")}${more}`, table(title, head, rows));
}

/** Seconds per stage in this run, and the medians of earlier rondes: `history` as { naam, duren }, oldest first. */
export function showDurations(section, durations, history) {
  const known = durations.filter(([, duration]) => duration.n);
  section.hidden = !known.length;
  if (!known.length) return;
  const most = Math.max(...known.map(([, duration]) => duration.longest));
  const rondes = history.filter(({ duren }) => Object.keys(duren).length).slice(-MOST_RONDES);
  const rows = known.map(([stap, { median, longest }]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, short(stap)),
      bar([[median / most, "median"], [(longest - median) / most, "longest"]]),
      el("td", { class: "numeric" }, seconds(median)),
      el("td", { class: "numeric" }, seconds(longest)),
      rondes.length > 1 && el("td", {}, trend(rondes, stap)),
    ),
  );
  const title = "Duration per stage";
  const head = [
    el("th", { scope: "col" }, "Stage"),
    el("td", { "aria-hidden": "true" }),
    heads(["Median", "Longest"]),
    rondes.length > 1 && el("th", { scope: "col" }, "Over rondes"),
  ];
  put(section, title, "One organisation, in this run", table(title, head, rows));
}

/** The median of one stage over rondes, as a line. */
function trend(rondes, stap) {
  const points = rondes.map(({ naam, duren }) => [naam, duren[stap]]).filter(([, value]) => value !== undefined);
  if (points.length < 2) return "";
  const most = Math.max(...points.map(([, value]) => value)) || 1;
  const at = ([, value], place) => `${(100 * place) / (points.length - 1)},${22 - (20 * value) / most}`;
  const line = document.createElementNS(SVG, "polyline");
  line.setAttribute("points", points.map(at).join(" "));
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 24");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "trend");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", points.map(([naam, value]) => `${naam}: ${seconds(value)}`).join(", "));
  svg.append(line);
  return svg;
}
