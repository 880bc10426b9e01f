"""``leadml serve`` and ``leadml key``: the HTTP API and the web page, and the keys to them."""

from pathlib import Path
from typing import Annotated

import typer

from leadml.cli.score import ConfigOption, JsonOption, LanguageOption


def serve(
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="A model folder; by default the champion beside the configuration.", metavar="MODEL"
        ),
    ] = None,
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option("--host", help="Where to listen; by default 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="By default 8000; 0 takes a free one.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; by default 1.", metavar="N")
    ] = None,
    lists: Annotated[
        str | None, typer.Option("--lists", help="The folder of lists that the page offers.", metavar="FOLDER")
    ] = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the champion: the HTTP API, and a web page for lists of leads.

    The page is at the address shown, the API under /v1, its description at /docs. A newly promoted model is taken over
    by itself. What is in [serving] of leadml.toml can be set by the environment too: LEADML_SERVING_PORT=9000.
    Where other machines can reach it, it asks for a key, see `leadml key`.

    Example: leadml serve --port 9000 --workers 2
    """
    from leadml.cli.asked import configured, known_language
    from leadml.cli.console import out, print_json
    from leadml.serving.server import open_room
    from leadml.serving.server import serve as run
    from leadml.serving.settings import gather

    settings = configured(config)
    given = {"model": model, "host": host, "port": port, "workers": workers, "lists": lists}
    with open_room() as room:
        chosen = gather(settings, given=given, language=known_language(language), room=room)

        def ready(address: str) -> None:
            if as_json:
                print_json({"address": address, "model": chosen.model, "workers": chosen.workers})
                return
            console = out()
            console.print(f"Serving {Path(chosen.model)} at {address} (Ctrl-C stops it)")
            console.print(f"  the page for lists of leads   {address}/")
            console.print(f"  the API, to read and to try   {address}/docs")

        run(chosen, ready=ready)


def key(
    name: Annotated[str, typer.Argument(help="Who it is for, such as crm.", metavar="NAME", show_default=False)],
    as_json: JsonOption = False,
) -> None:
    """Make an API key: shown once, and kept as its SHA-256 only.

    The line that is printed goes into [serving.keys] of leadml.toml, or into LEADML_SERVING_KEYS.

    Example: leadml key crm
    """
    from leadml.cli.console import out, print_json
    from leadml.errors import UsageError
    from leadml.serving.keys import hashed, new_key

    if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
        raise UsageError(f"NAME must be letters, digits, - and _, got {name!r}; choose another name")
    fresh = new_key()
    if as_json:
        print_json({"name": name, "key": fresh, "sha256": hashed(fresh)})
        return
    console = out()
    console.print(f"The key, shown this once:\n\n  {fresh}\n")
    console.print(f'Put this into leadml.toml:\n\n  [serving.keys]\n  {name} = "{hashed(fresh)}"\n')
    console.print(f"Or into the environment:\n\n  LEADML_SERVING_KEYS={name}={hashed(fresh)}\n")
    console.print('Next: restart `leadml serve`, and send the key as "Authorization: Bearer KEY".')
