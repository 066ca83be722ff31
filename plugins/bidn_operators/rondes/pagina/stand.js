/** How far an organisation is, from the states of its tasks and from what the database knows. No DOM here. */

import { moment } from "./opmaak.js";

/** What an organisation can be, in the order in which it asks for attention. */
export const SOORTEN = ["failed", "input", "retry", "running", "waiting", "open", "delivered", "afgekeurd", "published"];

const RUNNING = new Set(["running", "restarting", "deferred"]);
/** It may wait for a human, which is no work: its duration is left out. */
const ASKS = "goedkeuren";
const DONE = new Set(["success", "skipped", "removed"]);

/** A task without the name of its group. */
export const short = (task) => task.slice(task.lastIndexOf(".") + 1);

/**
 * The tasks of each organisation, by its name.
 *
 * Airflow writes the name on a mapped task when it starts. One that was skipped before that has none; its place in
 * the mapping has, and that is the same for all mapped tasks of an organisation.
 */
export function perOrganisatie(instances, { groep, stappen }, periode) {
  const mapped = instances.filter((ti) => ti.map_index >= 0 && stappen.includes(ti.task_id));
  const labels = new Map();
  for (const ti of mapped) {
    const label = ti.rendered_map_index;
    if (label && label !== String(ti.map_index)) labels.set(ti.map_index, label);
  }
  const found = new Map();
  for (const ti of mapped) {
    const label = labels.get(ti.map_index);
    const naam = label && (groep === "verdeling" ? withoutLevering(label, periode) : label);
    if (!naam) continue;
    if (!found.has(naam)) found.set(naam, new Map());
    found.get(naam).set(ti.task_id, ti);
  }
  return found;
}

/** Alleenverdieners: a branch is named "organisation (levering)", and one run can have several leveringen. */
function withoutLevering(label, levering) {
  const tail = ` (${levering})`;
  return label.endsWith(tail) ? label.slice(0, -tail.length) : null;
}

/** Tasks that failed and belong to no organisation. */
export function failedElsewhere(instances, { stappen }) {
  return instances.filter((ti) => ti.state === "failed" && !(stappen.includes(ti.task_id) && ti.map_index >= 0));
}

/**
 * How far one organisation is: `soort` of SOORTEN, a sentence, the tasks it is about, and how many are done.
 * `active`: its run is still at work.
 */
export function stage(tasks, stappen, status, active = true, geweigerd = null) {
  const known = tasks ? stappen.map((stap) => tasks.get(stap)).filter(Boolean) : [];
  const left = known.filter((ti) => !DONE.has(ti.state));
  const say = (soort, text, about = []) => ({
    soort,
    text,
    about,
    done: known.length - left.length,
    total: stappen.length,
  });
  const found = fromTasks(left, say) ?? fromDatabase(known, status, say);
  if (geweigerd && found.soort === "failed") return { ...found, text: refusal(geweigerd), refused: true };
  return found.soort === "waiting" && !active ? say("failed", "Stopped: the run ended first", found.about) : found;
}

/** Who refused, why, and what to do. */
const refusal = ({ door, om, reden }) =>
  `Turned down by ${door} on ${moment(om)}${reden ? ` (${reden})` : ""}: mend the cause and start a new run of the ronde`;

function fromTasks(left, say) {
  const are = (states) => left.filter((ti) => states.has(ti.state));
  const failed = are(new Set(["failed"]));
  if (failed.length) return say("failed", `Failed: ${names(failed)}`, failed);
  const input = are(new Set(["awaiting_input"]));
  if (input.length) return say("input", `Waits for an answer: ${names(input)}`, input);
  const retry = are(new Set(["up_for_retry"]));
  if (retry.length) return say("retry", `Will be tried again: ${names(retry)}`, retry);
  const running = are(RUNNING);
  if (running.length) return say("running", names(running), running);
  const stopped = are(new Set(["upstream_failed"]));
  if (stopped.length) return say("failed", "Stopped by a failure before its first task", stopped.slice(0, 1));
  const queued = are(new Set(["queued", "scheduled", "up_for_reschedule"]));
  if (queued.length) return say("waiting", `Queued: ${names(queued)}`, queued);
  return left.length ? say("waiting", `Waiting: ${names(left.slice(0, 1))}`, left.slice(0, 1)) : null;
}

function fromDatabase(known, status, say) {
  if (status === "gepubliceerd") return say("published", "Published");
  if (status === "afgekeurd") return say("afgekeurd", "Afgekeurd: no valid row, no reports");
  if (status === "niet aangemeld") return say("open", "Not registered on the deelnamedatum: not in the ronde");
  if (status === "aangeleverd") return say("delivered", "Delivered, waits for the ronde");
  if (status === "mislukt") return say("failed", "Failed");
  if (known.some((ti) => ti.state === "skipped")) return say("open", "Skipped in this run, not published");
  return known.length ? say("waiting", "Waiting for the others") : say("open", "Open");
}

const names = (tis) => tis.map((ti) => short(ti.task_id)).join(", ");

/** Every line to show: who is in the database, and who is only in the run so far. */
export function lines(overzicht, tasks, stappen, active) {
  const regels = overzicht.regels.map((regel) => ({ ...regel, taken: tasks.get(regel.organisatie) ?? null }));
  const known = new Set(regels.map((regel) => regel.organisatie));
  for (const [organisatie, taken] of tasks) {
    if (known.has(organisatie)) continue;
    regels.push({ organisatie, gemeentecode: null, status: null, run: null, levering: null, publicatie: null, taken });
  }
  return regels.map((regel) => ({
    ...regel,
    key: `${regel.organisatie} ${regel.gemeentecode ?? ""}`,
    stage: stage(regel.taken, stappen, regel.status, active, regel.geweigerd),
  }));
}

/** A line asks for a human: something failed or waits for an answer, or it is not sure that somebody was told. */
export const asksAttention = (line) => ["failed", "input"].includes(line.stage.soort) || inDoubt(line) || untold(line);
/** Nobody knows whether a mail went out. */
export const inDoubt = (line) => (line.publicatie?.mail.onzeker ?? 0) > 0;
/** What can be fetched now was told to nobody, and will be told to nobody. */
export function untold({ publicatie }) {
  if (!publicatie || publicatie.vervangen_op || publicatie.verwijderd_op) return false;
  const { verzonden, onzeker, wachtend } = publicatie.mail;
  return !(verzonden || onzeker || wachtend);
}

/** Per test the number of J, N and Niet getoetst, over these lines. */
export function outcomes(regels) {
  const totals = new Map();
  for (const { publicatie } of regels) {
    for (const [toets, telling] of Object.entries(publicatie?.oordelen ?? {})) {
      const sum = totals.get(toets) ?? { J: 0, N: 0, "Niet getoetst": 0 };
      for (const oordeel of Object.keys(sum)) sum[oordeel] += telling[oordeel] ?? 0;
      totals.set(toets, sum);
    }
  }
  return totals;
}

/** Intake errors by code over these deliveries, the most frequent first: [code, number of errors]. */
export function errors(leveringen) {
  const totals = new Map();
  for (const levering of leveringen) {
    for (const [code, n] of Object.entries(levering?.fouten ?? {})) totals.set(code, (totals.get(code) ?? 0) + n);
  }
  return [...totals].sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
}

/** Seconds per step over the tasks that ended: [step, { median, longest, n }], in order of the steps. */
export function durations(regels, stappen) {
  // Lines of one organisation share its tasks.
  const branches = [...new Set(regels.map((regel) => regel.taken).filter(Boolean))];
  return stappen.map((stap) => {
    const all = branches
      .map((taken) => taken.get(stap))
      .filter((ti) => ti && short(stap) !== ASKS && ti.duration != null && (ti.state === "success" || ti.state === "failed"))
      .map((ti) => ti.duration)
      .sort((a, b) => a - b);
    const half = all.length >> 1;
    const median = all.length % 2 ? all[half] : (all[half - 1] + all[half]) / 2;
    return [stap, { median: all.length ? median : null, longest: all.at(-1) ?? null, n: all.length }];
  });
}
