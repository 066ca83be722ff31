/** The table of organisations: columns, order, and rows that change only where something changed. */

import { runUrl, taskUrl } from "./airflow.js";
import { count, el, moment, whole } from "./opmaak.js";
import { SOORTEN, short, untold } from "./stand.js";

const ICONS = {
  failed: "✕",
  input: "?",
  retry: "↻",
  running: "▶",
  waiting: "…",
  open: "○",
  delivered: "↓",
  afgekeurd: "–",
  published: "✓",
};
const FEW = 2; // error codes that are shown without unfolding

/** A mark and a word: never a colour alone. */
export const badge = (soort, text) =>
  el("span", { class: `badge ${soort}` }, el("span", { class: "mark", "aria-hidden": "true" }, ICONS[soort]), text);

const number = (key) => ({
  numeric: true,
  value: (line) => line.levering?.[key] ?? -1,
  cell: (line) => whole(line.levering?.[key]),
});

const COLUMNS = {
  organisatie: {
    head: "Organisation",
    value: (line) => line.organisatie.toLowerCase(),
    cell: (line) => line.organisatie,
  },
  gemeentecode: { head: "Gemeente", value: (line) => line.gemeentecode ?? "", cell: (line) => line.gemeentecode },
  stage: {
    head: "Stage",
    value: (line) => SOORTEN.indexOf(line.stage.soort) + line.stage.done / 100,
    cell: stageCell,
  },
  verslag: { head: "Verwerkingsverslag", value: (line) => line.levering?.status ?? "", cell: verslagCell },
  gelezen: { head: "Rows read", ...number("gelezen") },
  goedgekeurd: { head: "Accepted", ...number("goedgekeurd") },
  afgewezen: { head: "Rejected", ...number("afgewezen") },
  fouten: {
    head: "Errors by code",
    value: (line) => Object.values(line.levering?.fouten ?? {}).reduce((sum, n) => sum + n, 0),
    cell: errorsCell,
  },
  publicatie: {
    head: "Publication",
    value: (line) => line.publicatie?.gepubliceerd_op ?? "",
    cell: publicationCell,
  },
  verwijderen: { head: "Removal date", value: (line) => line.publicatie?.verwijderen_op ?? "", cell: removalCell },
  mail: { head: "Mail", value: (line) => line.publicatie?.mail.onzeker ?? -1, cell: mailCell },
  taak: { head: "Task", value: (line) => line.stage.about[0]?.task_id ?? "", cell: taskCell },
};

const FOR_RONDE = Object.keys(COLUMNS).filter((name) => name !== "gemeentecode");
const FOR_LEVERING = ["organisatie", "gemeentecode", "stage", "publicatie", "verwijderen", "mail", "taak"];

function stageCell({ stage }) {
  const { soort, text, done, total } = stage;
  const steps =
    done > 0 && done < total
      ? el("span", { class: "steps" }, el("meter", { max: total, value: done, "aria-label": "tasks done" }), `${done}/${total}`)
      : null;
  return el("div", {}, badge(soort, text), steps);
}

function verslagCell({ levering }) {
  if (!levering) return null;
  if (levering.verwijderd_op) return `${levering.status ?? ""} (removed ${moment(levering.verwijderd_op).slice(0, 10)})`;
  return levering.status ?? el("span", { class: "muted" }, "not judged yet");
}

function errorsCell({ levering }, { omschrijvingen }) {
  const all = Object.entries(levering?.fouten ?? {}).sort(([, n], [, m]) => m - n);
  if (!all.length) return null;
  const item = ([code, n]) =>
    el("li", { title: omschrijvingen[code] ?? null }, el("code", {}, code), ` ${whole(n)}`);
  const list = el("ul", { class: "plain" }, all.map(item));
  if (all.length <= FEW) return list;
  const sum = all.reduce((total, [, n]) => total + n, 0);
  return el("details", {}, el("summary", {}, `${whole(sum)} in ${count(all.length, "code")}`), list);
}

function publicationCell({ publicatie }) {
  if (!publicatie) return null;
  const { versie, gepubliceerd_op, rijen, vervangen_op } = publicatie;
  const households = rijen === null ? null : el("span", { class: "muted" }, ` ${count(rijen, "row")}`);
  const replaced = vervangen_op ? el("span", { class: "muted" }, " (replaced)") : null;
  return el("div", { class: "one-line" }, `version ${versie}`, replaced, households, el("br"), el("span", { class: "muted" }, moment(gepubliceerd_op)));
}

function removalCell({ publicatie }) {
  if (!publicatie) return null;
  return publicatie.verwijderd_op ? `removed ${moment(publicatie.verwijderd_op).slice(0, 10)}` : publicatie.verwijderen_op;
}

function mailCell({ publicatie }) {
  if (!publicatie) return null;
  const { verzonden, onzeker, wachtend, afgemeld } = publicatie.mail;
  const parts = [
    verzonden && `${verzonden} sent`,
    wachtend && `${wachtend} to send`,
    afgemeld && `${afgemeld} opted out`,
  ].filter(Boolean);
  if (onzeker) parts.unshift(badge("retry", `${onzeker} in doubt`));
  if (untold({ publicatie })) parts.unshift(badge("retry", "nobody is told"));
  if (!parts.length) return el("span", { class: "muted" }, "nobody to mail");
  return el("ul", { class: "plain" }, parts.map((part) => el("li", {}, part)));
}

function taskCell(line, { dag, run }) {
  const [ti] = line.stage.about;
  const link = (href, text) => el("a", { href, "data-airflow": true, target: "_top" }, text, of(line));
  if (ti) return link(taskUrl(ti), short(ti.task_id));
  const ran = line.taken ? run : line.run;
  return ran ? link(runUrl(dag, ran), "run") : null;
}

/** What a screen reader needs to tell one link from the next. */
const of = (line) => el("span", { class: "sr" }, ` of ${line.organisatie}`);

/** The table in `element`; `onSort` is told when the order was changed. */
export class Tabel {
  #rows = new Map();
  #columns = [];
  order = { by: "organisatie", down: false };

  constructor(element, onSort) {
    this.element = element;
    this.onSort = onSort;
  }

  /** Show these lines, in order. `context` has dag, run, omschrijvingen and whether it is about a levering. */
  show(lines, context) {
    this.#head(context.levering ? FOR_LEVERING : FOR_RONDE);
    const { by, down } = this.order;
    const value = (COLUMNS[by] ?? COLUMNS.organisatie).value;
    const sorted = lines
      .map((line) => [value(line), line])
      .sort(([a, x], [b, y]) => compare(a, b) * (down ? -1 : 1) || compare(x.key, y.key))
      .map(([, line]) => line);
    const shown = new Set(sorted.map((line) => line.key));
    for (const [key, row] of this.#rows) {
      if (shown.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    const body = this.element.tBodies[0];
    sorted.forEach((line, place) => {
      const { element } = this.#row(line, context);
      if (body.rows[place] !== element) body.insertBefore(element, body.rows[place] ?? null);
    });
  }

  #head(columns) {
    if (columns !== this.#columns) {
      this.#columns = columns;
      for (const row of this.#rows.values()) row.element.remove();
      this.#rows.clear();
      const cells = columns.map((name) => {
        const sort = () => this.#sort(name);
        const button = el("button", { type: "button", onclick: sort }, COLUMNS[name].head);
        return el("th", { scope: "col", "data-column": name, class: COLUMNS[name].numeric && "numeric" }, button);
      });
      this.element.tHead.replaceChildren(el("tr", {}, cells));
    }
    for (const th of this.element.tHead.rows[0].cells) {
      const sorted = th.dataset.column === this.order.by;
      if (sorted) th.setAttribute("aria-sort", this.order.down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    }
  }

  #sort(name) {
    this.order = { by: name, down: this.order.by === name && !this.order.down };
    this.onSort();
  }

  #row(line, context) {
    let row = this.#rows.get(line.key);
    if (!row) {
      const cells = this.#columns.map((name, place) =>
        el(place ? "td" : "th", { scope: place ? null : "row", class: COLUMNS[name].numeric && "numeric" }),
      );
      row = { element: el("tr", {}, cells), seen: [] };
      this.#rows.set(line.key, row);
    }
    row.element.dataset.soort = line.stage.soort;
    this.#columns.forEach((name, place) => {
      const content = COLUMNS[name].cell(line, context) ?? "";
      const seen = typeof content === "string" ? content : content.outerHTML;
      if (row.seen[place] === seen) return;
      row.seen[place] = seen;
      replace(row.element.cells[place], content);
    });
    return row;
  }
}

/** Put other content in a cell; what had the focus in it, or was unfolded, still has and is. */
function replace(cell, content) {
  const focused = cell.contains(document.activeElement);
  const open = cell.querySelector("details")?.open ?? false;
  cell.replaceChildren(content);
  if (open) cell.querySelector("details")?.setAttribute("open", "");
  if (focused) cell.querySelector("a, summary")?.focus();
}

const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "nl"));
