"""A list of leads, one lead of it, and the list as a file."""

import secrets
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from leadml.leads.schema import Language
from leadml.model.scorer import probability
from leadml.serving.champion import Served
from leadml.serving.desk import child
from leadml.serving.desk.download import MEDIA_TYPES
from leadml.serving.desk.lead import Detail, detail, strength
from leadml.serving.desk.listed import Listed, open_table, read_phrases, read_told
from leadml.serving.desk.uploads import Upload
from leadml.serving.desk.view import NOBODY, SORTS, Query, View, beside, translation, view
from leadml.serving.desk.worker import Write
from leadml.serving.pages.frame import render
from leadml.serving.pages.language import language_of
from leadml.serving.pages.uploads import found, reading
from leadml.serving.problems import Problem

LONGEST = 200  # letters of a search
WIDEST = 2.5  # log-odds of a full bar of an axis
_SORTABLE = {"value": "expected_value", "lead": "title"}  # offered where the list has the column


async def show(request: Request) -> Response:
    """GET /lists/{id}: one page of the list."""
    upload, folder = found(request)
    query = query_of(request)
    with reading():
        told, page = await run_in_threadpool(_view, folder, query, language_of(request))
    return render(
        request,
        "list.html",
        view=page,
        version=request.app.state.champion.current.version,
        **_common(upload, told, query),
    )


async def show_lead(request: Request) -> Response:
    """GET /lists/{id}/leads/{rank}: one lead, and what its score is made of."""
    upload, folder = found(request)
    query, place = query_of(request), request.path_params["rank"]
    served = request.app.state.champion.current
    with reading():
        told, one, near = await run_in_threadpool(_detail, folder, query, place, served, language_of(request))
    return render(request, "lead.html", one=one, near=near, **_common(upload, told, query))


async def download(request: Request) -> Response:
    """GET /lists/{id}/download.csv and .xlsx: what is asked for as a file."""
    upload, folder = found(request)
    ending = "." + request.path_params["ending"]
    if ending not in MEDIA_TYPES:
        raise Problem(404, "not-found", "lists can be had as .csv and as .xlsx")
    bundle, query = str(request.app.state.champion.current.folder), query_of(request)
    name = f"{secrets.token_hex(8)}{ending}"
    file = folder / name
    try:
        await child.do(Write(bundle, language_of(request), str(folder), name, query))
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    shown = f"{Path(upload.name).stem}-ranked{ending}"
    after = BackgroundTask(partial(file.unlink, missing_ok=True))
    headers = {"Cache-Control": "no-store"}
    return FileResponse(file, headers=headers, media_type=MEDIA_TYPES[ending], filename=shown, background=after)


def query_of(request: Request) -> Query:
    """Return what the address asks for; what cannot be understood counts as not asked."""
    asked = request.query_params
    sort, page, upto = asked.get("sort", ""), asked.get("page", ""), asked.get("upto", "")
    return Query(
        owner=asked.get("owner", "")[:LONGEST],
        grade=asked.get("grade", "")[:LONGEST],
        text=asked.get("q", "")[:LONGEST].strip(),
        upto=int(upto) if upto.isdecimal() and len(upto) < 4 else 0,
        sort=sort if sort in SORTS else "rank",
        largest_first={"down": True, "up": False}.get(asked.get("dir", "")),
        page=int(page) if page.isdecimal() and len(page) < 9 else 1,
    )


def _view(folder: Path, query: Query, language: Language) -> tuple[Listed, View]:
    words = translation(read_phrases(folder), language)
    return read_told(folder), view(open_table(folder), query, words)


def _detail(
    folder: Path, query: Query, place: int, served: Served, language: Language
) -> tuple[Listed, Detail, tuple[int | None, int | None, int, int]]:
    told = read_told(folder)
    if not 1 <= place <= told.n:
        raise Problem(404, "not-found", "there is no such lead in the list")
    table = open_table(folder)
    words = translation(read_phrases(folder), language)
    one = detail(table, told, place, served.scorer_in(language), words)
    return told, one, beside(table, query, place)


def _common(upload: Upload, told: Listed, query: Query) -> dict[str, Any]:
    """Return what the templates of lists share: the list, what is asked, and the addresses of other views of it."""
    sorts = [name for name in SORTS if name not in _SORTABLE or _SORTABLE[name] in told.has]
    return {
        "upload": upload,
        "told": told,
        "query": query,
        "sorts": [name for name in sorts if name != "score" and (name != "owner" or "owner" in told.has)],
        "nobody": NOBODY,
        "widest": WIDEST,
        "strength": strength,
        "chance": probability,
        "to": address_of(upload.id, query),
        "aria": partial(_aria, query),
    }


def address_of(token: str, query: Query) -> "partial[str]":
    """Return what makes the addresses of views of a list, from what is asked of it."""
    return partial(_address, f"/lists/{quote(token)}", query)


def _address(base: str, query: Query, place: str = "", **changes: str | int) -> str:
    """Return the address of another view: as asked, with changes; without a page it begins anew.

    ``sort`` turns the order round where it is sorted so already.
    """
    asked = _asked(query)
    if changes.get("sort") == query.sort and "dir" not in changes:
        changes["dir"] = "up" if query.falls else "down"
    elif "sort" in changes:
        asked.pop("dir", None)
    asked |= {name: str(value) for name, value in changes.items()}
    told = {name: value for name, value in asked.items() if value}
    return base + place + (f"?{urlencode(told)}" if told else "")


def _asked(query: Query) -> dict[str, str]:
    direction = "" if query.largest_first is None else "down" if query.largest_first else "up"
    sort = "" if query.sort == "rank" else query.sort
    upto = str(query.upto or "")
    return {"owner": query.owner, "grade": query.grade, "q": query.text, "upto": upto, "sort": sort, "dir": direction}


def _aria(query: Query, name: str) -> Mapping[str, str]:
    """Return the attribute that tells how a column is sorted, for its head."""
    if name != query.sort:
        return {}
    return {"aria-sort": "descending" if query.falls else "ascending"}
