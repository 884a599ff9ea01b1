"""GraphQL over HTTP as graphql-http audits it, from outside."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.product import started

VALIDATORS = Path(__file__).parents[1] / "validators"


@pytest.fixture
def validators(tmp_path: Path) -> Path:
    """The folder with the judges installed, from their lock file; kept between runs."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node is not installed here: graphql-http's audit was not run")
    if not (VALIDATORS / "node_modules" / "graphql-http").exists():
        made = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=VALIDATORS,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if made.returncode:
            pytest.skip(f"npm could not install the audit: {made.stderr[-200:]}")
    return VALIDATORS


def test_all_61_audits_of_graphql_http_pass(validators: Path, tmp_path: Path) -> None:
    with started(tmp_path, "serve") as product:
        done = subprocess.run(
            ["node", "graphql_http.mjs", f"{product.url}/graphql"],
            cwd=validators,
            env=os.environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one for one in results if one["status"] != "ok"] == []
    assert len(results) == 61
