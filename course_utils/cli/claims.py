"""`course claims …`: the claims with their verdicts, and the runs behind them."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.data.resources import PACKAGE, data_folder
from course_utils.errors import CourseError, unknown

if TYPE_CHECKING:
    from course_utils.claims.rules import Claim

WIDTH = 100  # letters a line


def add_claims_commands(claims: argparse.ArgumentParser) -> None:
    """`course claims …`."""
    actions = claims.add_subparsers(dest="action", required=True, metavar="action")
    actions.add_parser("list", help="every claim with its verdict").set_defaults(run=run_list)
    run = actions.add_parser("run", help="run the experiments whose stored results are missing or stale")
    run.add_argument("names", nargs="*", metavar="NAME", help="claims (C08) or experiments; default: every experiment")
    run.add_argument("--force", action="store_true", help="run them all, also what is up to date")
    run.add_argument("--jobs", type=int, metavar="N", help="how many processes; default: one for each core")
    run.add_argument("--seeds", type=int, metavar="N", help="run this many new seeds, and store nothing")
    run.add_argument("--reported", action="store_true", help="with --seeds: the first of those reported, not new ones")
    run.add_argument("--dask", metavar="ADDRESS", help="run on a Dask cluster, such as tcp://scheduler:8786")
    run.set_defaults(run=run_claims)


def run_list(options: argparse.Namespace) -> int:
    """Print every claim with its verdict."""
    from course_utils.claims.rules import load_claims
    from course_utils.claims.stored import standing_of

    for claim in load_claims().values():
        now = standing_of(claim)
        print(_wrapped(claim.id, claim.says))
        print(_wrapped("", f"→ {now.verdict}{f' ({now.remark})' if now.remark else ''}"))
    return 0


def run_claims(options: argparse.Namespace) -> int:
    """Run experiments, each also after one that failed, and print the verdicts; 1 where one failed."""
    names, claims = chosen(options.names)
    if not names:
        print("There is no experiment to run yet.")
        return 0
    if options.seeds is not None and options.seeds < 1:
        raise CourseError(f"--seeds is {options.seeds}. Give the number of seeds to run: 1 or more.")
    root = checkout()
    if options.seeds is not None or root is None:
        if root is None:
            print("Results are stored in a checkout of the course only. These are shown, and not stored.")
        failed = run_and_show(names, claims, options)
    else:
        failed = [name for name in names if not run_and_store(name, root, options)]
        print_verdicts(claims)
    if failed:
        print(f"Not finished: {', '.join(failed)}. Run the same command again to go on.", file=sys.stderr)
    return 1 if failed else 0


def chosen(names: Sequence[str]) -> tuple[list[str], list[Claim]]:
    """The experiments that the names ask for, and the claims that are about them; no names ask for all.

    Raises:
        CourseError: a name is neither that of a claim nor of an experiment, or nothing of the claim can be run yet.
    """
    from course_utils.claims.rules import load_claims
    from course_utils.claims.verdicts import verdict_and_remark
    from course_utils.experiments.framework.registry import load_experiments

    claims, experiments = load_claims(), load_experiments()
    if not names:
        return list(experiments), [claim for claim in claims.values() if claim.parts]
    wanted: list[str] = []
    shown: list[Claim] = []
    for name in names:
        if name in claims:
            if not claims[name].parts:
                raise CourseError(
                    f"There is nothing to run for claim {name}: {verdict_and_remark(claims[name], [])[0]}."
                )
            wanted += claims[name].experiments
            shown.append(claims[name])
        elif name in experiments:
            wanted.append(name)
            shown += [claim for claim in claims.values() if name in claim.experiments]
        else:
            raise unknown("claim or experiment", name, [*claims, *experiments])
    return list(dict.fromkeys(wanted)), sorted(
        {claim.id: claim for claim in shown}.values(), key=lambda claim: claim.id
    )


def checkout() -> Path | None:
    """The folder of the checkout that this package runs from; None where it was installed."""
    folder = data_folder()
    return folder.parent if folder.parent == PACKAGE.parent and folder.is_dir() else None


def run_and_store(name: str, root: Path, options: argparse.Namespace) -> bool:
    """Run an experiment whose stored results are missing or stale, and store them. Did all go well?"""
    from course_utils.claims.stored import rules, up_to_date
    from course_utils.experiments.framework import registry, results, runner

    cache = root / "build" / "claims"
    try:
        if not options.force and up_to_date(name):
            print(f"{name:<20} up to date")
            return True
        if options.force:
            shutil.rmtree(cache / name, ignore_errors=True)
        result = runner.result_of(
            registry.experiment(name), jobs=options.jobs, cache=cache, rules=rules(name), scheduler=options.dask
        )
        results.save(result, root / "data" / "results")
    except CourseError as error:
        print(error, file=sys.stderr)
        return False
    print(f"{name:<20} {len(result.seeds)} seeds, {result.seconds:,.0f} CPU seconds", flush=True)
    return True


def run_and_show(names: list[str], claims: list[Claim], options: argparse.Namespace) -> list[str]:
    """Run experiments, store nothing, and print how the claims stand by these rows. Returns those that failed."""
    from course_utils.claims.boxes import ClaimBox
    from course_utils.claims.own_runs import beforehand, first_seeds, fresh_seeds, said_of
    from course_utils.claims.stored import judged
    from course_utils.experiments.framework import registry, runner

    tables = {}
    reported = options.reported or options.seeds is None
    if options.seeds is not None:
        print(beforehand(names, options.seeds, options.jobs), flush=True)
    for name in names:
        experiment = registry.experiment(name)
        count = options.seeds or len(experiment.seeds)
        seeds = first_seeds(experiment.seeds, count) if reported else fresh_seeds(count)
        try:
            result = runner.result_of(experiment, seeds, jobs=options.jobs, scheduler=options.dask)
        except CourseError as error:
            print(error, file=sys.stderr)
            continue
        tables[name] = result.table
        print(f"{name:<20} {len(seeds)} seeds, {result.seconds:,.0f} CPU seconds; not stored", flush=True)
    for claim in claims:
        if set(claim.experiments) <= set(tables):
            own = {name: tables[name] for name in claim.experiments}
            own_run = said_of(own, options.seeds or claim.seeds, reported=reported)
            print(f"\n{ClaimBox(judged(claim, tables), own_run)}")
    return [name for name in names if name not in tables]


def print_verdicts(claims: list[Claim]) -> None:
    """One line for each claim."""
    from course_utils.claims.stored import standing_of

    print()
    for claim in claims:
        now = standing_of(claim)
        print(_wrapped(claim.id, f"{now.verdict}{f' ({now.remark})' if now.remark else ''}"))


def _wrapped(head: str, text: str) -> str:
    """Text in lines, beside a claim's id."""
    return textwrap.fill(text, WIDTH, initial_indent=f"{head:<5}", subsequent_indent=" " * 5)
