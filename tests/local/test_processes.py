"""Whatever is started is stopped: at the end, on an error, and when the launcher itself is killed."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from include.errors import InstallatieFout
from include.local import launcher, sessions
from include.local import processes as module
from include.local.config import ROOT
from include.local.processes import Processes, supervised

# As Airflow does: a child in a process group of its own, that does not hear what its parent is told.
PARENT = """
    import os, signal, sys, time
    if not os.fork():
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(sys.argv[1], "w").write(str(os.getpid()))
    time.sleep(600)
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder of modules to start: one that stays with a deaf child, one that fails, one that succeeds."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "blijft.py").write_text(textwrap.dedent(PARENT))
    (folder / "faalt.py").write_text("print('eerst dit')\nraise SystemExit('toen ging het mis')\n")
    (folder / "lukt.py").write_text("print('klaar')\n")
    return folder


@pytest.fixture
def installation(tmp_path: Path, programs: Path) -> Processes:
    return Processes(
        root=ROOT,
        logs=tmp_path / "logs",
        register=tmp_path / "data" / "lokaal" / "processes.json",
        environment=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{programs}"},
        grace=0.3,
    )


def _lives(pid_file: Path) -> bool:
    try:
        return psutil.Process(int(pid_file.read_text())).status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, FileNotFoundError, ValueError):
        return False


def test_at_the_end_a_deaf_grandchild_in_its_own_group_is_gone_too(
    installation: Processes, tmp_path: Path, wait_until: Callable
) -> None:
    with supervised(installation):
        leader = installation.start("blijft", ["blijft", str(tmp_path / "pid")])
        wait_until(lambda: _lives(tmp_path / "pid"))
        installation.check()
    assert not _lives(tmp_path / "pid")
    assert leader.poll() is not None
    assert not installation.register.exists()


def test_an_error_in_between_stops_everything_as_well(
    installation: Processes, tmp_path: Path, wait_until: Callable
) -> None:
    def body() -> None:
        with supervised(installation):
            installation.start("blijft", ["blijft", str(tmp_path / "pid")])
            wait_until(lambda: _lives(tmp_path / "pid"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        body()
    assert not _lives(tmp_path / "pid")


def test_killing_the_launcher_stops_what_it_started(
    installation: Processes, tmp_path: Path, wait_until: Callable
) -> None:
    launcher = f"""
        import os, time
        from pathlib import Path
        from include.local.processes import Processes, supervised
        tmp = Path({str(tmp_path)!r})
        mine = Processes(Path.cwd(), tmp / "logs", tmp / "data" / "p.json", dict(os.environ), grace=0.3)
        with supervised(mine):
            mine.start("blijft", ["blijft", str(tmp / "pid")])
            time.sleep(600)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(launcher)], cwd=ROOT, env=installation.environment
    )
    wait_until(lambda: _lives(tmp_path / "pid"))
    process.kill()
    process.wait()
    wait_until(lambda: not _lives(tmp_path / "pid"))


def test_a_component_that_ended_is_named_with_its_last_words(
    installation: Processes, wait_until: Callable
) -> None:
    with supervised(installation):
        wait_until(installation.start("faalt", ["faalt"]).poll)
        with pytest.raises(
            InstallatieFout, match=r"^faalt ended with exit code 1\.(.|\n)*\n    eerst dit\n    toen ging"
        ):
            installation.check()


def test_what_airflow_can_do_without_is_missed_aloud_and_once(
    installation: Processes, tmp_path: Path, wait_until: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([None, None, KeyboardInterrupt])

    def sleep(_: float) -> None:
        if stop := next(looks):
            raise stop

    console = Console(file=io.StringIO(), width=200)
    with supervised(installation):
        installation.start("scheduler", ["blijft", str(tmp_path / "pid")])
        wait_until(lambda: _lives(tmp_path / "pid"))
        wait_until(installation.start("mail", ["faalt"]).poll)
        with monkeypatch.context() as watched:
            watched.setattr(launcher.time, "sleep", sleep)
            launcher._stay(installation, console)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert said.count("mail ended with exit code 1.") == 1
    assert said.count("toen ging het mis") == 1
    assert said.endswith("To have it back: Ctrl-C and make up again.\n")


def test_a_command_that_must_succeed_says_what_it_printed_when_it_does_not(installation: Processes) -> None:
    with supervised(installation):
        installation.run("lukt", ["lukt"])
        installation.check()  # one that has done its work is not missed
        with pytest.raises(InstallatieFout, match="toen ging het mis"):
            installation.run("faalt", ["faalt"])


def test_nothing_starts_any_more_once_the_end_has_begun(installation: Processes) -> None:
    with supervised(installation):
        pass
    with pytest.raises(InstallatieFout, match="everything is being stopped"):
        installation.start("lukt", ["lukt"])


def test_a_second_launcher_on_the_same_data_is_refused(installation: Processes, programs: Path) -> None:
    with supervised(installation):
        installation.run("lukt", ["lukt"])
        second = Processes(ROOT, installation.logs, installation.register, installation.environment)
        with pytest.raises(InstallatieFout, match=f"already runs.*process {os.getpid()}"), supervised(second):
            pass


def test_what_a_killed_launcher_left_is_stopped_by_the_next(
    tmp_path: Path, wait_until: Callable, programs: Path
) -> None:
    left = subprocess.Popen(
        [sys.executable, str(programs / "blijft.py"), str(tmp_path / "pid")], start_new_session=True
    )
    wait_until(lambda: _lives(tmp_path / "pid"))
    register = tmp_path / "processes.json"
    register.write_text(json.dumps([{"pid": left.pid, "started": 1.0}, module._identity(left.pid)]))
    module.clear_stale(register, grace=0.3)
    assert left.wait(timeout=30) == -signal.SIGTERM
    assert not _lives(tmp_path / "pid")
    assert not register.exists()


def test_a_reused_number_is_not_taken_for_what_was_left(
    tmp_path: Path, wait_until: Callable, programs: Path
) -> None:
    innocent = subprocess.Popen(
        [sys.executable, str(programs / "blijft.py"), str(tmp_path / "pid")], start_new_session=True
    )
    try:
        wait_until(lambda: _lives(tmp_path / "pid"))
        register = tmp_path / "processes.json"
        register.write_text(json.dumps([{"pid": 1, "started": 1.0}, {"pid": innocent.pid, "started": 1.0}]))
        module.clear_stale(register)
        assert innocent.poll() is None
    finally:
        sessions.stop({innocent.pid}, grace=0.3, reap=innocent.poll)
