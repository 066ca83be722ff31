from __future__ import annotations

import anyio

from include.storage.actor import acting_as, actor, trace_id

EEN, TWEE = "1" * 32, "2" * 32


def test_a_request_has_its_own_trace_and_user_and_gives_both_back():
    proces, mens = trace_id(), actor()
    with acting_as("anna", trace=EEN):
        assert (actor(), trace_id()) == ("gebruiker:anna", EEN)
        with acting_as("bert"):
            assert (actor(), trace_id()) == ("gebruiker:bert", EEN)
        with acting_as(None, trace=TWEE):
            assert (actor(), trace_id()) == ("gebruiker:anna", TWEE)
        assert (actor(), trace_id()) == ("gebruiker:anna", EEN)
    assert (actor(), trace_id()) == (mens, proces)


def test_nobody_logged_in_is_the_process_itself():
    proces, mens = trace_id(), actor()
    assert mens.startswith("os:")
    with acting_as(None, trace=EEN):
        assert (actor(), trace_id()) == (mens, EEN)
    assert trace_id() == proces


def test_requests_at_once_do_not_see_each_other_and_their_threads_see_them():
    gezien: dict[str, tuple[str, str]] = {}

    async def verzoek(wie: str, trace: str, allebei: anyio.Event, ander: anyio.Event) -> None:
        with acting_as(wie, trace=trace):
            allebei.set()
            await ander.wait()
            gezien[wie] = await anyio.to_thread.run_sync(lambda: (actor(), trace_id()))

    async def samen() -> None:
        een, twee = anyio.Event(), anyio.Event()
        async with anyio.create_task_group() as groep:
            groep.start_soon(verzoek, "anna", EEN, een, twee)
            groep.start_soon(verzoek, "bert", TWEE, twee, een)

    anyio.run(samen)
    assert gezien == {"anna": ("gebruiker:anna", EEN), "bert": ("gebruiker:bert", TWEE)}
