/** Where the page gets its data: our own endpoints, and Airflow's REST API as the user who looks. */

/** The path under which Airflow is served, ending in a slash. */
export const root = location.pathname.replace(/bidn\/rondes\/.*$/, "");

const PAGE = 100; // the most that Airflow's REST API returns at once
const AT_ONCE = 4;
const OVERLAP = 15_000; // ms; clocks and commits are not exact

/** The server answered, and refused. */
export class Refused extends Error {
  constructor(status, detail) {
    super(typeof detail === "string" && detail ? detail : `The server answered ${status}.`);
    this.status = status;
  }
}

async function request(path, query) {
  const url = new URL(root + path, location.origin);
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of [value].flat()) if (one != null) url.searchParams.append(name, one);
  }
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, body.detail);
  return { body, moment: Date.parse(answer.headers.get("Date") ?? "") || Date.now() };
}

const own = async (path, query) => (await request(`bidn/rondes/gegevens/${path}`, query)).body;
const dagPath = (dag, run) =>
  `api/v2/dags/${encodeURIComponent(dag)}/dagRuns${run ? `/${encodeURIComponent(run)}` : ""}`;

/** The rondes of a product, and the tasks of its DAG. */
export const readPeriodes = (dag) => own(`${encodeURIComponent(dag)}/periodes`);
/** How far every organisation is. */
export const readOverzicht = (dag, periode, run) =>
  own(`${encodeURIComponent(dag)}/overzicht`, { periode, run });
/** What a run worked on. */
export const readRun = (dag, run) => own(`${encodeURIComponent(dag)}/run`, { run });

/** The runs of a DAG, the newest first. */
export async function dagRuns(dag) {
  return (await request(dagPath(dag), { limit: PAGE, order_by: "-id" })).body.dag_runs;
}

/** One run. */
export async function dagRun(dag, run) {
  return (await request(dagPath(dag, run))).body;
}

/** The ronde a run is for, when it says so. */
export const rondeOf = (run) => run.partition_key ?? run.conf?.ronde ?? null;

/** The task instances of one run: read whole once, and after that only what changed. */
export class TaskStates {
  #instances = new Map();
  #since = null;

  constructor(dag, run) {
    this.dag = dag;
    this.run = run;
  }

  /** Read what is new; returns all task instances. */
  async refresh() {
    const since = this.#since === null ? null : new Date(this.#since - OVERLAP).toISOString();
    const first = await this.#page(0, since);
    const offsets = [];
    for (let at = PAGE; at < (first.body.total_entries ?? 0); at += PAGE) offsets.push(at);
    this.#keep(first);
    const read = async () => {
      for (let at = offsets.shift(); at !== undefined; at = offsets.shift()) {
        this.#keep(await this.#page(at, since));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, read));
    this.#since = first.moment;
    return [...this.#instances.values()];
  }

  #page(offset, since) {
    const query = { limit: PAGE, offset, order_by: "id", updated_at_gte: since };
    return request(`${dagPath(this.dag, this.run)}/taskInstances`, query);
  }

  #keep({ body }) {
    for (const ti of body.task_instances) this.#instances.set(`${ti.task_id} ${ti.map_index}`, ti);
  }
}

/** The address of a task instance in Airflow's own pages. */
export function taskUrl(ti) {
  const mapped = ti.map_index >= 0 ? `/mapped/${ti.map_index}` : "";
  return `${runUrl(ti.dag_id, ti.dag_run_id)}/tasks/${encodeURIComponent(ti.task_id)}${mapped}`;
}

/** The address of a run in Airflow's own pages. */
export const runUrl = (dag, run) => `${root}dags/${encodeURIComponent(dag)}/runs/${encodeURIComponent(run)}`;

/** Airflow shows this page in a sandboxed frame: a link goes nowhere unless the page around it follows it. */
export function followInAirflow(event) {
  const link = event.target.closest?.("a[data-airflow]");
  if (!link || window.parent === window || event.defaultPrevented) return;
  let outer;
  try {
    outer = window.parent.document;
  } catch {
    return; // framed by another site: then the browser decides
  }
  event.preventDefault();
  const copy = outer.createElement("a");
  copy.href = link.href;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button === 1) {
    copy.target = "_blank";
    copy.rel = "noopener";
  }
  outer.body.append(copy);
  copy.click();
  copy.remove();
}
