"""The recipes for more than one machine: they can be read, and ask for workers as the course accepts them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml
from distributed.cli import dask_scheduler, dask_worker

FOLDER = Path(__file__).resolve().parents[2] / "deploy"


def dask_options(action: str) -> set[str]:
    command = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}[action]
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


def test_every_option_that_a_recipe_gives_to_dask_exists_and_workers_have_one_thread() -> None:
    count = 0
    for path in sorted(FOLDER.iterdir()):
        text = re.sub(r"[\[\],\"]", " ", path.read_text(encoding="utf-8"))
        for action, options in re.findall(r"dask[\" ]+(scheduler|worker)([^#\n]*)", text):
            given = set(re.findall(r"(?<= )--[a-z-]+", options))
            assert given <= dask_options(action), path.name
            if action == "worker" and "--" in options:
                assert re.search(r"--nthreads +1(?!\d)", options), path.name
            count += 1
    assert count >= 6


def test_the_shell_script_and_the_manifest_can_be_read() -> None:
    subprocess.run(["bash", "-n", str(FOLDER / "slurm.sh")], check=True)
    documents = list(yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text()))
    assert [document["kind"] for document in documents] == ["Deployment", "Service", "Deployment"]
    (service,) = [document for document in documents if document["kind"] == "Service"]
    labels = [d["spec"]["template"]["metadata"]["labels"] for d in documents if d["kind"] == "Deployment"]
    assert service["spec"]["selector"] in labels
