from __future__ import annotations

from deploy.init import permissions_of

BUILTIN = {
    "Admin": [("can_read", "DAGs"), ("can_edit", "Connections"), ("can_create", "Users")],
    "Op": [
        ("can_read", "DAGs"),
        ("can_create", "DAG Runs"),
        ("can_read", "Connections"),
        ("can_edit", "Variables"),
    ],
    "Viewer": [("can_read", "DAGs")],
}


def test_everyone_sees_the_page_rondes_and_only_an_engineer_what_holds_secrets() -> None:
    page = ("can_read", "Plugins")
    assert permissions_of("viewer", BUILTIN) == [("can_read", "DAGs"), page]
    assert permissions_of("ops", BUILTIN) == [("can_create", "DAG Runs"), ("can_read", "DAGs"), page]
    assert set(permissions_of("engineer", BUILTIN)) == {*BUILTIN["Admin"], page}
