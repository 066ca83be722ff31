"""An S3 of a test's own: moto's server, with the settings by which our file store finds it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from moto.server import ThreadedMotoServer

BUCKET = "bidn"


@contextmanager
def s3() -> Iterator[dict[str, str]]:
    """Serve an empty bucket; gives the environment of what stores there. One at a time in a process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        connection = {
            "conn_type": "aws",
            "login": "test",
            "password": "test",
            "extra": {"endpoint_url": url, "region_name": "eu-west-1"},
        }
        omgeving = {
            "BIDN_OPSLAG": f"s3://opslag@{BUCKET}/opslag",
            "AIRFLOW_CONN_OPSLAG": json.dumps(connection),
        }
        maak(omgeving)
        yield omgeving
    finally:
        server.stop()


def client(omgeving: dict[str, str]) -> Any:
    """The bare S3 API, to look at what is really there."""
    import boto3

    extra = json.loads(omgeving["AIRFLOW_CONN_OPSLAG"])["extra"]
    return boto3.client("s3", aws_access_key_id="test", aws_secret_access_key="test", **extra)


def maak(omgeving: dict[str, str]) -> None:
    """Make the bucket; servers in one process share what they hold, so it may be there."""
    with suppress(client(omgeving).exceptions.BucketAlreadyOwnedByYou):
        client(omgeving).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )


def leeg(omgeving: dict[str, str]) -> None:
    """Empty the bucket."""
    for key in keys(omgeving):
        client(omgeving).delete_object(Bucket=BUCKET, Key=key)


def keys(omgeving: dict[str, str]) -> list[str]:
    """Every key in the bucket."""
    found = client(omgeving).list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return sorted(one["Key"] for one in found)


def unfinished(omgeving: dict[str, str]) -> list[str]:
    """The uploads that were begun and neither completed nor aborted."""
    found = client(omgeving).list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    return [one["Key"] for one in found]
