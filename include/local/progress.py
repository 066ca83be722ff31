"""What a run is doing, per task and organisation: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table

from include.local.airflow_api import FINISHED

if TYPE_CHECKING:
    from airflow_client.client import TaskInstanceResponse

# More columns than this do not fit: the table then counts organisations per state.
MAX_COLUMNS = 6

FAILED = ("failed", "up_for_retry")

NEVER = datetime.max.replace(tzinfo=UTC)

SYMBOLS = {
    "success": "[green]✓[/]",
    "failed": "[red]✗[/]",
    "upstream_failed": "[red]–[/]",
    "skipped": "[dim]–[/]",
    "running": "[cyan]▶[/]",
    "queued": "[dim]…[/]",
    "scheduled": "[dim]…[/]",
    "up_for_retry": "[yellow]↻[/]",
}


class Progress:
    """Shows successive states of one run; use as a context manager around the waiting."""

    def __init__(self, console: Console, tasks: Mapping[str, Iterable[str]]) -> None:
        self.console = console
        self.order = in_order(tasks)
        self.labels: dict[int, str] = {}
        self.seen: dict[tuple[str, int], tuple[str, int]] = {}
        self.start = time.monotonic()
        self.live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Progress:
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            self.live.stop()

    def show(self, instances: list[TaskInstanceResponse]) -> list[TaskInstanceResponse]:
        """Show the state of things: redraw the table, or print a line for everything that ended since.

        Returns the tasks that have failed since the last time, those that will be tried again included.
        """
        # Those of a task group last: a column is headed by its branch.
        for one in sorted(instances, key=lambda one: "." in one.task_id):
            if label := _label(one):
                self.labels[one.map_index] = label
        if self.live:
            self.live.update(self._table(instances), refresh=True)
        ended = []
        for one in sorted(instances, key=lambda one: one.end_date or NEVER):
            key, now = (one.task_id, one.map_index), (one.state or "", one.try_number)
            if (one.state in FINISHED or one.state in FAILED) and self.seen.get(key) != now:
                self.seen[key] = now
                ended.append(one)
        if not self.live:
            for one in ended:
                self._print(one)
        return [one for one in ended if one.state in FAILED]

    def describe(self, one: TaskInstanceResponse) -> str:
        """Return the task with its organisation, for a message about it."""
        name = _label(one) or self._name(one.map_index)
        return f"{one.task_id} of {name}" if name else one.task_id

    def _print(self, one: TaskInstanceResponse) -> None:
        elapsed = time.monotonic() - self.start
        took = f"{one.duration:.1f} s" if one.duration else ""
        name = _label(one) or self._name(one.map_index)
        line = f"{elapsed:6.1f} s  {name:<32}  {one.task_id:<40}  {one.state.value if one.state else '':<15} {took}"
        self.console.print(line.rstrip(), markup=False, highlight=False, soft_wrap=True)

    def _name(self, map_index: int) -> str:
        return self.labels.get(map_index, str(map_index)) if map_index >= 0 else ""

    def _table(self, instances: list[TaskInstanceResponse]) -> Table:
        columns = sorted({one.map_index for one in instances if one.map_index >= 0})
        cells: dict[str, dict[int, TaskInstanceResponse]] = {}
        for one in instances:
            cells.setdefault(one.task_id, {})[one.map_index] = one
        table = Table(
            title=f"{time.monotonic() - self.start:.0f} s", title_justify="left", box=None, padding=(0, 2)
        )
        table.add_column("Task")
        table.add_column("Ronde")
        counted = len(columns) > MAX_COLUMNS
        for heading in (
            [f"{len(columns)} organisations"] if counted else [self._name(column) for column in columns]
        ):
            table.add_column(heading)
        for task_id in self.order:
            row = cells.get(task_id, {})
            if counted:
                table.add_row(task_id, _cell(row.get(-1)), _counts(row.values()))
            else:
                table.add_row(task_id, _cell(row.get(-1)), *(_cell(row.get(column)) for column in columns))
        return table


def in_order(tasks: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the tasks so that each comes after what it waits for; ``tasks`` maps each to its downstream."""
    waits_for: dict[str, set[str]] = {task: set() for task in tasks}
    for task, downstream in tasks.items():
        for later in downstream:
            waits_for.setdefault(later, set()).add(task)
    return list(TopologicalSorter(waits_for).static_order())


def _label(one: TaskInstanceResponse) -> str | None:
    """What a mapped task is called; until that is there, Airflow gives its number."""
    return one.rendered_map_index if one.rendered_map_index != str(one.map_index) else None


def _cell(one: TaskInstanceResponse | None) -> str:
    if one is None or one.state is None:
        return "[dim]·[/]"
    took = f" {one.duration:.1f} s" if one.duration and one.state in FINISHED else ""
    return f"{SYMBOLS.get(one.state, one.state.value)}{took}"


def _counts(instances: Iterable[TaskInstanceResponse]) -> str:
    counts: dict[str, int] = {}
    for one in instances:
        if one.map_index >= 0:
            counts[one.state or "none"] = counts.get(one.state or "none", 0) + 1
    return "  ".join(f"{SYMBOLS.get(state, '·')} {number}" for state, number in sorted(counts.items()))
