"""`feedback-nlp ablate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["ablate"]


def ablate(
    models: Annotated[
        Path | None, typer.Option(help="Folder of the models. Default: the project's models/.")
    ] = None,
    into: Annotated[
        list[Path] | None,
        typer.Option(help="Page with the markers <!-- ablation -->; may be given several times."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes and threads at a time.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure what each part of the model is worth, side by side.

    On the frozen test split, and with each of five domains left out.
    Takes some minutes.

    Examples:

      feedback-nlp ablate

      feedback-nlp ablate --into README.md --into docs/model.md
    """
    from rich.console import Console

    from feedback_nlp.registry import default_models_folder
    from feedback_nlp.taxonomy import Taxonomy
    from training.ablation import ablate as run
    from training.ablation import markdown
    from training.corpus import load_corpus
    from training.encoded import find_encoder
    from training.figures import replace_block

    folder = models or default_models_folder()
    console = Console(stderr=True)
    with console.status("starting") as status:
        encoder = find_encoder(folder, Taxonomy.default(), jobs, required=False)
        result = run(load_corpus(), folder, encoder, processes=jobs, progress=status.update)
    for page in into or ():
        replace_block(page, "ablation", markdown(result))
    typer.echo(json.dumps(result.to_dict()) if as_json else markdown(result))
