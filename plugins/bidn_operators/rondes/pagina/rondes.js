/** The page "Rondes": what is chosen, when it is read again, and what is shown of it. */

import * as airflow from "./airflow.js";
import { showDurations, showErrors, showOutcomes } from "./grafieken.js";
import { count, el, moment, time, whole } from "./opmaak.js";
import * as stand from "./stand.js";
import { Tabel } from "./tabel.js";
import { followTheme } from "./thema.js";

const ACTIVE = new Set(["queued", "running"]);
const SOON = 4_000; // ms between readings while a run is at work
const LATER = 30_000;
const LEAST_BETWEEN_WORDS = 15_000; // ms: a screen reader must not be talked over
const MOST_NAMED = 5;

const TILES = [
  ["all", null, () => true],
  ["attention", "Need attention", stand.asksAttention],
  ["busy", "In progress", (line) => ["input", "retry", "running", "waiting", "open", "delivered"].includes(line.stage.soort)],
  ["published", "Published", (line) => line.stage.soort === "published"],
  ["afgekeurd", "Afgekeurd", (line) => line.stage.soort === "afgekeurd"],
  ["doubt", "Mail in doubt", stand.inDoubt],
];

/** What a line is: an organisation, or one list of Alleenverdieners. */
const noun = () => (data.product.groep === "verdeling" ? "list" : "organisation");

const $ = (id) => document.getElementById(id);
/** Airflow shows this page in a frame: the choice is in the address of the page around it, where people copy it. */
const outside = frameElement ? parent : null;
const address = new URLSearchParams([...new URLSearchParams(location.search), ...new URLSearchParams(outside?.location.search)]);
/** What the reader chose; `onlyRun` when this is the tab of one run. */
const chosen = {
  dag: address.get("dag") ?? "bijzondere_bijstand",
  periode: address.get("periode"),
  onlyRun: address.get("run"),
  tile: address.get("show") ?? "all",
  search: address.get("q") ?? "",
};
/** What was read last. */
const data = { product: null, run: null, states: null, instances: [], overzicht: null, lines: [], said: { at: 0, text: "" } };
const tabel = new Tabel($("tabel"), () => render());
let timer = 0;
let turn = 0; // a reading that was overtaken by another choice is thrown away

// -- reading -------------------------------------------------------------------------------------------------

async function read() {
  clearTimeout(timer);
  const mine = ++turn;
  let wait = LATER;
  try {
    const found = await readAll();
    if (mine !== turn) return;
    Object.assign(data, found);
    complain(found.refused ? "Airflow does not let you read task instances: stages are from the database." : "");
    $("ververst").textContent = `Read at ${time(Date.now())}, Amsterdam time`;
    render();
    if (data.run && ACTIVE.has(data.run.state)) wait = SOON;
  } catch (error) {
    if (mine !== turn) return;
    complain(explain(error), error.status === 401);
  } finally {
    if (mine === turn) {
      $("inhoud").setAttribute("aria-busy", "false");
      timer = setTimeout(() => document.hidden || read(), wait);
    }
  }
}

async function readAll() {
  const { dag, onlyRun } = chosen;
  const [product, runs] = await Promise.all([
    airflow.readPeriodes(dag),
    onlyRun ? airflow.dagRun(dag, onlyRun).then((run) => [run]) : airflow.dagRuns(dag).catch(noneIfRefused),
  ]);
  const names = onlyRun ? await periodesOf(onlyRun, runs[0]) : product.periodes.map(({ naam }) => naam);
  const periode = names.includes(chosen.periode) ? chosen.periode : newest(product, names);
  if (!product.periodes.some(({ naam }) => naam === periode)) {
    return { product, names, periode, overzicht: null, run: runs[0] ?? null, instances: [], refused: false };
  }
  const overzicht = await airflow.readOverzicht(dag, periode, onlyRun);
  const run = onlyRun ? runs[0] : findRun(runs, periode, overzicht, product);
  return { product, names, periode, overzicht, run, ...(await readStates(dag, run)) };
}

/** The newest that was opened: deliveries for the next ronde come in while this one runs. */
function newest({ periodes }, names) {
  const opened = new Set(periodes.filter(({ geopend_op }) => geopend_op).map(({ naam }) => naam));
  return names.find((naam) => opened.has(naam)) ?? names[0] ?? null;
}

async function periodesOf(onlyRun, run) {
  const { periodes } = await airflow.readRun(chosen.dag, onlyRun);
  const ronde = airflow.rondeOf(run);
  return periodes.length || !ronde ? periodes : [ronde];
}

/** The run that works, or worked last, on a ronde or levering. */
function findRun(runs, periode, overzicht, product) {
  const asked = runs.filter((run) => airflow.rondeOf(run) === periode);
  const active = product.groep === "verdeling" ? runs.filter((run) => ACTIVE.has(run.state)) : [];
  const named = new Set(overzicht.regels.map((regel) => regel.run));
  return asked[0] ?? active[0] ?? runs.find((run) => named.has(run.dag_run_id)) ?? null;
}

async function readStates(dag, run) {
  if (!run) return { states: null, instances: [], refused: false };
  const same = data.states?.run === run.dag_run_id && data.states.dag === dag;
  const states = same ? data.states : new airflow.TaskStates(dag, run.dag_run_id);
  try {
    return { states, instances: await states.refresh(), refused: false };
  } catch (error) {
    noneIfRefused(error);
    return { states: null, instances: [], refused: true };
  }
}

function noneIfRefused(error) {
  if (error.status === 403) return [];
  throw error;
}

function explain(error) {
  if (error.status === 401) return "Your session has ended.";
  if (error.status === 403) return `You may not read the runs of the DAG ${chosen.dag}. Ask whoever manages Airflow's roles.`;
  if (error.status === 422) return `The DAG ${chosen.dag} has no rondes.`;
  const read = data.overzicht ? " What you see was read before; it is tried again." : "";
  return `${error.status ? error.message : "Airflow does not answer."}${read}`;
}

// -- showing -------------------------------------------------------------------------------------------------

function complain(text, loggedOut = false) {
  if ($("meldingen").dataset.text === text) return;
  $("meldingen").dataset.text = text;
  const link = loggedOut && el("a", { href: airflow.root, "data-airflow": true, target: "_top" }, "Log in again");
  $("meldingen").replaceChildren(...(text ? [el("p", { class: "callout warning" }, text, " ", link)] : []));
}

function render() {
  const { product, overzicht, names, periode } = data;
  showChoice(product, names, periode);
  $("stand").hidden = !overzicht;
  $("leeg").hidden = Boolean(overzicht);
  if (!overzicht) {
    $("leeg").textContent = emptyText();
    return;
  }
  const { groep, stappen } = product;
  const tasks = stand.perOrganisatie(data.instances, product, periode);
  const active = Boolean(data.run && ACTIVE.has(data.run.state));
  data.lines = stand.lines(overzicht, tasks, stappen, active);
  showFacts(overzicht);
  showProgress();
  showTiles();
  showAttention();
  showMissing(overzicht.niet_geleverd);
  const shown = data.lines.filter(matches());
  showCharts(shown, overzicht, stappen);
  showTable(shown, overzicht, groep);
  remember();
}

function emptyText() {
  if (chosen.onlyRun) return "This run has not come to any ronde or levering yet.";
  return chosen.dag === "alleenverdieners"
    ? "There is no levering of the Belastingdienst yet. One appears here as soon as it is taken in."
    : "There is no ronde yet. One appears here as soon as an organisation hands in a vraagbestand for it.";
}

function showChoice(product, names, periode) {
  const levering = product.groep === "verdeling";
  $("keuze").hidden = false;
  $("productkeuze").hidden = Boolean(chosen.onlyRun);
  $("product").value = chosen.dag;
  $("periodenaam").textContent = levering ? "Levering" : "Ronde";
  $("periode").parentElement.hidden = chosen.onlyRun ? names.length < 2 : !names.length;
  if ($("periode").dataset.names !== names.join()) {
    $("periode").dataset.names = names.join();
    $("periode").replaceChildren(...names.map((naam) => el("option", { value: naam }, naam)));
  }
  $("periode").value = periode;
  const what = levering ? "Levering" : "Ronde";
  $("titel").textContent = chosen.onlyRun && periode ? `${what} ${periode} in this run` : "Rondes";
}

function showFacts({ periode, levering }) {
  const link = data.run && el("a", { href: airflow.runUrl(chosen.dag, data.run.dag_run_id), "data-airflow": true, target: "_top" }, data.run.state);
  const facts = [
    ["Deelnamedatum", periode.deelnamedatum],
    ["Reports due", periode.uiterlijk],
    [levering ? "Received" : "Opened", moment(periode.geopend_op)],
    ["Closed", moment(periode.afgesloten_op)],
    ["Run", link],
    ["Verwerkingsverslag", levering?.status],
    ["Rows read", whole(levering?.gelezen)],
    ["Accepted", whole(levering?.goedgekeurd)],
    ["Rejected", whole(levering?.afgewezen)],
  ];
  const shown = facts.filter(([, value]) => value);
  $("feiten").replaceChildren(...shown.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))));
}

function showProgress() {
  const total = data.lines.length;
  const done = data.lines.filter(({ stage }) => ["published", "afgekeurd"].includes(stage.soort)).length;
  const failed = data.lines.filter(({ stage }) => stage.soort === "failed").length;
  const active = data.run && ACTIVE.has(data.run.state);
  $("voortgang").hidden = !total;
  $("meter").max = total || 1;
  $("meter").value = done;
  const text = `${whole(done)} of ${count(total, noun())} done${failed ? `, ${whole(failed)} failed` : ""}`;
  $("meterlabel").textContent = text;
  announce(`${data.periode}: ${text}${active ? "" : data.run ? `; the run is ${data.run.state}` : ""}.`, !active);
}

function announce(text, atOnce) {
  const { said } = data;
  if (text === said.text || (!atOnce && Date.now() - said.at < LEAST_BETWEEN_WORDS)) return;
  data.said = { at: Date.now(), text };
  $("omgeroepen").textContent = text;
}

function showTiles() {
  const tiles = TILES.map(([name, label, test]) => [name, label ?? "In all", data.lines.filter(test).length]);
  const shown = tiles.filter(([name, , n]) => n || ["all", "published"].includes(name) || name === chosen.tile);
  const focused = document.activeElement?.dataset?.tile;
  $("tegels").replaceChildren(
    ...shown.map(([name, label, n]) =>
      el(
        "button",
        { type: "button", class: `tile ${name}`, "data-tile": name, "aria-pressed": String(name === chosen.tile), onclick: () => choose({ tile: name }) },
        el("strong", {}, whole(n)),
        ` ${label}`,
      ),
    ),
  );
  if (focused) $("tegels").querySelector(`[data-tile="${focused}"]`)?.focus();
}

/** Name what failed at the top: among 300 organisations one is easily missed. */
function showAttention() {
  const failed = data.lines.filter(({ stage }) => stage.soort === "failed");
  const items = failed
    .slice(0, MOST_NAMED)
    .map(({ organisatie, stage }) => [organisatie, stage.about[0], stage.text, stage.refused]);
  for (const ti of stand.failedElsewhere(data.instances, data.product)) items.push(["The run", ti, "Failed"]);
  const signature = JSON.stringify([items.map(([who, ti]) => [who, ti?.task_id, ti?.map_index]), failed.length]);
  if ($("aandacht").dataset.signature === signature) return;
  $("aandacht").dataset.signature = signature;
  const link = (ti, who) =>
    el("a", { href: airflow.taskUrl(ti), "data-airflow": true, target: "_top" }, stand.short(ti.task_id), el("span", { class: "sr" }, ` of ${who}`));
  const list = items.map(([who, ti, text, refused]) =>
    el("li", {}, el("strong", {}, `${who}: `), refused ? [text, ti && [": ", link(ti, who)]] : ti ? ["failed in ", link(ti, who)] : text),
  );
  const more = failed.length - MOST_NAMED;
  if (more > 0) list.push(el("li", {}, `and ${count(more, "other organisation")}`));
  $("aandacht").replaceChildren(...(list.length ? [el("ul", { class: "callout warning" }, list)] : []));
}

/** Who takes part and handed nothing in: they have no line, and it may be a mistake. */
function showMissing(names) {
  const more = names.length - MOST_NAMED;
  const named = names.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${count(more, "other")}` : "");
  const text = `Registered, and nothing handed in for this ronde (${whole(names.length)}): ${named}`;
  $("ontbreekt").hidden = !names.length;
  if ($("ontbreekt").textContent !== text) $("ontbreekt").textContent = text;
}

function showCharts(shown, overzicht, stappen) {
  const leveringen = overzicht.levering ? [overzicht.levering] : shown.map(({ levering }) => levering);
  const published = shown.filter(({ publicatie }) => Object.keys(publicatie?.oordelen ?? {}).length);
  showOutcomes($("uitkomsten"), stand.outcomes(shown), published.length);
  showErrors($("fouten"), stand.errors(leveringen), overzicht.omschrijvingen);
  const upToNow = data.product.periodes.filter(({ naam }) => naam <= data.periode).reverse();
  showDurations($("duren"), stand.durations(shown, stappen), upToNow);
  $("grafieken").hidden = ["uitkomsten", "fouten", "duren"].every((id) => $(id).hidden);
  $("grafiekbereik").textContent =
    shown.length === data.lines.length ? "" : `of the ${count(shown.length, "organisation")} shown below`;
}

function showTable(shown, overzicht, groep) {
  const run = data.run?.dag_run_id ?? null;
  tabel.show(shown, { dag: chosen.dag, run, omschrijvingen: overzicht.omschrijvingen, levering: groep === "verdeling" });
  $("bijschrift").textContent = `Organisations in ${data.periode}: stage, delivery, publication and mail. Column headers sort.`;
  $("schuif").hidden = !shown.length;
  $("niets").hidden = Boolean(shown.length);
  $("niets").firstChild.textContent = data.lines.length ? "No organisation matches. " : "No organisation takes part yet. ";
  $("wis").hidden = !data.lines.length;
  const text = `${whole(shown.length)} of ${whole(data.lines.length)} shown`;
  if ($("getoond").textContent !== text) $("getoond").textContent = text;
  if (document.activeElement !== $("zoek")) $("zoek").value = chosen.search;
}

function matches() {
  const [, , inTile] = TILES.find(([name]) => name === chosen.tile) ?? TILES[0];
  const words = chosen.search.toLowerCase().split(/\s+/).filter(Boolean);
  return (line) => {
    if (!inTile(line)) return false;
    const text = [
      line.organisatie,
      line.gemeentecode,
      line.stage.text,
      line.levering?.status,
      ...Object.keys(line.levering?.fouten ?? {}),
    ];
    const joined = text.join(" ").toLowerCase();
    return words.every((word) => joined.includes(word));
  };
}

// -- choosing ------------------------------------------------------------------------------------------------

/** Keep the choice in the address, so that a reload comes back to it. */
function remember() {
  const query = new URLSearchParams({ dag: chosen.dag });
  if (chosen.onlyRun) query.set("run", chosen.onlyRun);
  query.set("periode", data.periode); // also when it is only the newest: an address that is passed on stays the same
  if (chosen.tile !== "all") query.set("show", chosen.tile);
  if (chosen.search) query.set("q", chosen.search);
  history.replaceState(null, "", `?${query}`);
  if (!outside) return;
  const around = new URLSearchParams(outside.location.search);
  for (const name of chosen.onlyRun ? ["periode", "show", "q"] : ["dag", "periode", "show", "q"]) {
    if (query.has(name)) around.set(name, query.get(name));
    else around.delete(name);
  }
  outside.history.replaceState(outside.history.state, "", `?${around}`);
}

function choose(choice, { again = false } = {}) {
  Object.assign(chosen, choice);
  if (again) read();
  else render();
}

$("product").addEventListener("change", (event) =>
  choose({ dag: event.target.value, periode: null, tile: "all", search: "" }, { again: true }),
);
$("periode").addEventListener("change", (event) => choose({ periode: event.target.value }, { again: true }));
$("zoek").addEventListener("input", (event) => choose({ search: event.target.value }));
$("filter").addEventListener("submit", (event) => event.preventDefault());
$("keuze").addEventListener("submit", (event) => event.preventDefault());
$("wis").addEventListener("click", () => {
  $("zoek").value = "";
  choose({ tile: "all", search: "" });
  $("zoek").focus();
});
document.addEventListener("click", airflow.followInAirflow);
document.addEventListener("auxclick", airflow.followInAirflow);
document.addEventListener("visibilitychange", () => document.hidden || read());

// Remembered per kind of page: the tab of a run has less room.
const chartsKey = `bidn.rondes.charts.${chosen.onlyRun ? "run" : "all"}`;
$("grafieken").open = (localStorage.getItem(chartsKey) ?? String(!chosen.onlyRun)) === "true";
$("grafieken").addEventListener("toggle", () => localStorage.setItem(chartsKey, String($("grafieken").open)));

followTheme();
read();
