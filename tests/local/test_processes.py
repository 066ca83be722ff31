"""Whatever is started is stopped: at the end, on an error, and when the launcher itself is killed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from include.errors import InstallatieFout
from include.local import config, launcher
from include.local import processes as module
from include.local.__main__ import main
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

LAUNCHER = """
    import os, sys, time
    from pathlib import Path
    from include.errors import InstallatieFout
    from include.local.processes import Processes, supervised
    tmp = Path(sys.argv[1])
    try:
        with supervised(Processes(tmp / "data", dict(os.environ), grace=0.3)) as mine:
            mine.start("blijft", ["blijft", str(tmp / "pid")])
            print("runs", flush=True)
            time.sleep(600)
    except InstallatieFout as error:
        print(error, flush=True)
"""


@pytest.fixture
def installation(tmp_path: Path) -> Processes:
    """With modules to start: one that stays with a deaf child, one that fails, one that succeeds."""
    (tmp_path / "blijft.py").write_text(textwrap.dedent(PARENT))
    (tmp_path / "launcher.py").write_text(textwrap.dedent(LAUNCHER))
    (tmp_path / "faalt.py").write_text("print('eerst dit')\nraise SystemExit('toen ging het mis')\n")
    (tmp_path / "lukt.py").write_text("print('klaar')\n")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "plugins"), str(tmp_path)])
    return Processes(tmp_path / "data", os.environ | {"PYTHONPATH": paths}, grace=0.3)


@pytest.fixture
def launchers(installation: Processes, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start a launcher as a program of its own, that keeps something running; says so, or why not."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "launcher", str(tmp_path)]
        started.append(
            subprocess.Popen(command, env=installation.environment, stdout=subprocess.PIPE, text=True)
        )
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


def _said(launcher: subprocess.Popen[str]) -> str:
    assert launcher.stdout
    return launcher.stdout.readline()


@pytest.fixture
def lives(tmp_path: Path) -> Callable[[], bool]:
    """Whether the deaf child does."""

    def look() -> bool:
        try:
            return psutil.Process(int((tmp_path / "pid").read_text())).status() != psutil.STATUS_ZOMBIE
        except (psutil.NoSuchProcess, FileNotFoundError, ValueError):
            return False

    return look


def test_at_the_end_a_deaf_grandchild_in_its_own_group_is_gone_too(
    installation: Processes, tmp_path: Path, wait_until: Callable, lives: Callable
) -> None:
    def body() -> None:
        with supervised(installation):
            installation.start("blijft", ["blijft", str(tmp_path / "pid")])
            wait_until(lives)
            installation.check()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):  # an error in between stops everything as well
        body()
    assert not lives()
    with pytest.raises(InstallatieFout, match="blijft ended"):
        installation.check()
    with pytest.raises(InstallatieFout, match="everything is being stopped"):
        installation.start("lukt", ["lukt"])


def test_killing_the_launcher_stops_what_it_started(
    launchers: Callable, wait_until: Callable, lives: Callable
) -> None:
    first = launchers()
    wait_until(lives)
    first.kill()
    wait_until(lambda: not lives())


def test_of_two_launchers_at_the_same_instant_one_runs_and_the_other_says_who(
    launchers: Callable, tmp_path: Path
) -> None:
    both = [launchers(), launchers()]
    said = {_said(one): one for one in both}
    runs = said.pop("runs\n")
    [(refusal, other)] = said.items()
    assert refusal == (
        f"An installation already runs on {tmp_path / 'data'} (process {runs.pid}). "
        "Stop it first, or set BIDN_DATA and the ports in .env to run another beside it.\n"
    )
    assert other.wait(timeout=30) == 0


def test_what_a_killed_launcher_left_is_stopped_by_the_next(
    launchers: Callable, tmp_path: Path, wait_until: Callable, lives: Callable
) -> None:
    first = launchers()
    wait_until(lives)
    deaf = (tmp_path / "pid").read_text()
    for guard in psutil.Process(first.pid).children():
        if "include.local.processes" in guard.cmdline():
            guard.kill()
    first.kill()
    assert lives()
    assert _said(launchers()) == "runs\n"
    wait_until(lambda: lives() and (tmp_path / "pid").read_text() != deaf)
    assert not psutil.pid_exists(int(deaf)) or psutil.Process(int(deaf)).status() == psutil.STATUS_ZOMBIE


def test_a_reused_number_is_not_taken_for_what_was_left(installation: Processes) -> None:
    innocent = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    installation.register.parent.mkdir(parents=True)
    installation.register.write_text(f"1\n{innocent.pid} 1.0\n")
    with supervised(installation):
        assert innocent.poll() is None
    innocent.communicate(b"\n")
    assert innocent.returncode == 0


def test_a_component_that_ended_is_named_with_its_last_words(
    installation: Processes, wait_until: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    with supervised(installation):
        installation.run("lukt", ["lukt"])
        installation.check()  # one that has done its work is not missed
        wait_until(installation.start("faalt", ["faalt"]).poll)
        told = r"^faalt ended with exit code 1\.(.|\n)*\n    eerst dit\n    toen ging het mis$"
        with pytest.raises(InstallatieFout, match=told):
            installation.check()
        with pytest.raises(InstallatieFout, match=told):
            installation.run("faalt", ["faalt"])
        monkeypatch.setattr(module, "FULL_BYTES", sys.maxsize)
        with pytest.raises(
            InstallatieFout, match=rf"The disk of {installation.data} is full \(\d+ MB left\)"
        ):
            installation.check()


def test_what_airflow_can_do_without_is_missed_aloud_and_once(
    installation: Processes,
    tmp_path: Path,
    wait_until: Callable,
    monkeypatch: pytest.MonkeyPatch,
    lives: Callable,
) -> None:
    looks = iter([None, None, KeyboardInterrupt])

    def sleep(_: float) -> None:
        if stop := next(looks):
            raise stop

    text = io.StringIO()
    settings = config.load({}, tmp_path / ".env")
    secrets = {f"login_{user}": user for user in ("engineer", "ops", "viewer")}
    with supervised(installation):
        installation.start("scheduler", ["blijft", str(tmp_path / "pid")])
        wait_until(lives)
        wait_until(installation.start("mail", ["faalt"]).poll)
        with monkeypatch.context() as watched:
            watched.setattr(launcher.time, "sleep", sleep)
            launcher.Start(settings, secrets, installation, Console(file=text, width=200)).stay()
    said = text.getvalue()
    assert "counts after Ctrl-C and make up again" in said  # how to have a change of the code picked up
    assert said.count("mail ended with exit code 1.") == 1
    assert said.count("toen ging het mis") == 1
    assert said.endswith("To have it back: Ctrl-C and make up again.\n")


def test_a_folder_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BIDN_DATA", str(tmp_path / "file" / "data"))
    monkeypatch.setattr(sys, "argv", ["local", "run"])
    assert main() == 2
    assert capsys.readouterr().out.startswith(
        f"{tmp_path}/file/data: Not a directory. Mend its rights, its mount"
    )
