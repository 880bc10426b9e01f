"""Uploading leads, or opening a list of the lists folder, and how their columns were understood."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leadml.errors import DataError, OutputError
from leadml.leads.schema import Language
from leadml.serving.desk import child
from leadml.serving.desk.listed import open_table, read_told
from leadml.serving.desk.uploads import ENDINGS, Half, Upload, Uploads
from leadml.serving.desk.worker import Rank
from leadml.serving.pages import sessions
from leadml.serving.pages.faults import plain
from leadml.serving.pages.frame import render
from leadml.serving.pages.language import language_of
from leadml.serving.pages.words import WORDS
from leadml.serving.problems import Problem, of_error, wants_page

MOST_LISTED = 200  # files of the lists folder
MOST_BY_LOT = 90  # per cent of a list
FEW = 3  # faults that are told beside the drop zone


def store(request: Request) -> Uploads:
    """Return where the uploads of this server lie."""
    settings = request.app.state.settings
    return Uploads(settings.room, keep_hours=settings.keep_hours)


def found(request: Request) -> tuple[Upload, Path]:
    """Return the upload that the address names, and its folder; raises Problem where the visitor has none such."""
    uploads, owner, token = store(request), sessions.visitor(request), request.path_params["id"]
    upload = uploads.find(owner, token)
    if upload is None:
        raise Problem(404, "not-found", "there is no such list, or no more")
    return upload, uploads.folder(owner, token)


@contextmanager
def reading() -> Iterator[None]:
    """Answer that a list is gone where it is taken away while it is read."""
    try:
        yield
    except FileNotFoundError:
        raise Problem(404, "not-found", "there is no such list any more") from None


def entrance(request: Request) -> dict[str, Any]:
    """Return what the first page shows of lists: those that were uploaded lately, and those of the lists folder."""
    settings = request.app.state.settings
    return {
        "uploads": store(request).listing(sessions.visitor(request)),
        "folder": [(file.name, _day(file)) for file in _lists(settings.lists)],
        "endings": ",".join(ENDINGS),
        "max_mb": settings.max_upload_mb,
        "keep_hours": settings.keep_hours,
    }


async def upload(request: Request) -> Response:
    """POST /uploads: take a file, rank it, go on to what was understood of it."""
    try:
        form = await request.form(max_files=1, max_fields=8)
    except OSError as error:  # the disk is full
        raise OutputError(f"the upload must be kept, got: {error.strerror}") from None
    async with _form_closed(form):
        sessions.check_token(request, form.get("token"))
        given = form.get("file")
        if not isinstance(given, UploadFile) or not given.filename:
            raise Problem(422, "invalid-leads", "a file must be chosen, got none; choose one and send it again")
        half = await _made(request, given.filename, given.file, **_length(form))
    return RedirectResponse(f"/uploads/{half.folder.name}", 303)


async def preview(request: Request) -> Response:
    """GET /uploads/{id}: how the columns were understood, and every fault."""
    upload, folder = found(request)
    with reading():
        told = await run_in_threadpool(read_told, folder)
    left = [*msgspec.structs.asdict(told.left).items(), ("rejected", told.n_rejected)]
    return render(
        request,
        "preview.html",
        upload=upload,
        told=told,
        left=left,
        plain=partial(plain, language=language_of(request)),
    )


async def remove(request: Request) -> Response:
    """POST /uploads/{id}/remove: take a list away before its time."""
    form = await request.form(max_files=0, max_fields=4)
    sessions.check_token(request, form.get("token"))
    upload, _ = found(request)
    await run_in_threadpool(store(request).remove, sessions.visitor(request), upload.id)
    return RedirectResponse("/", 303)


async def open_list(request: Request) -> Response:
    """GET /folder/{name}: open a list of the lists folder, which is read again only when it has changed."""
    name = request.path_params["name"]
    file = next((file for file in _lists(request.app.state.settings.lists) if file.name == name), None)
    if file is None:
        raise Problem(404, "not-found", "there is no such file in the folder of lists")
    state = file.stat()
    origin = f"{name}:{state.st_mtime_ns}:{state.st_size}"
    for known in store(request).listing(sessions.visitor(request)):
        if known.origin == origin:
            return RedirectResponse(f"/lists/{known.id}", 303)
    with file.open("rb") as source:
        half = await _made(request, name, source, origin)
    answer = RedirectResponse(f"/lists/{half.folder.name}", 303)
    sessions.keep(request, answer)
    return answer


@asynccontextmanager
async def _form_closed(form: Any) -> AsyncIterator[None]:
    """Close the files of a form at the end."""
    try:
        yield
    finally:
        await form.close()


def _length(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return how long the list is to be, and the share drawn by lot; what cannot be understood is not asked for."""
    told = [str(form.get(name) or "").strip() for name in ("capacity", "explore")]
    capacity, share = (int(one) if one.isascii() and one.isdecimal() and len(one) < 7 else 0 for one in told)
    return {"capacity": capacity or None, "explore": min(share, MOST_BY_LOT) / 100 if capacity else 0.0}


async def _made(request: Request, name: str, file: IO[bytes], origin: str | None = None, **length: Any) -> Half:
    """Keep a file and have it ranked; a fault of it is told in the language of the page, to its script too."""
    state, language = request.app.state, language_of(request)
    served, most = state.champion.current, state.settings.max_upload_mb << 20
    try:
        with store(request).making(sessions.visitor(request), name, origin) as half:
            await run_in_threadpool(half.write, file, most)
            events = state.settings.events
            job = Rank(str(served.folder), language, str(half.folder), half.name, most, events, **length)
            half.n = await child.do(job)
            await run_in_threadpool(_count, request, half.folder)
    except DataError as error:
        problem = of_error(error)
        if not wants_page(request):  # the page of errors words it itself; a script shows the detail alone
            faults = [_told(fault, language) for fault in problem.errors[:FEW]]
            problem.detail = "; ".join([plain(problem.detail, language), *faults])
        raise problem from None
    return half


def _told(fault: Mapping[str, Any], language: Language) -> str:
    """Return a fault in words, with its place."""
    line = [WORDS[language]["unread_line"] + f" {fault['line']}"] if "line" in fault else []
    column = [repr(fault["column"])] if "column" in fault else []
    place = ", ".join([*line, *column])
    return f"{place}: {plain(fault['detail'], language)}" if place else plain(fault["detail"], language)


def _count(request: Request, folder: Path) -> None:
    """Count the leads that were scored, for the metrics."""
    told = read_told(folder)
    if not told.is_ready:
        request.app.state.metrics.scored(open_table(folder).column("score").to_numpy())
        request.app.state.metrics.rejected(told.n_rejected)


def _lists(place: str | None) -> list[Path]:
    """Return the tables of the lists folder, the newest first."""
    if place is None:
        return []
    try:
        files = [
            (file.stat().st_mtime, file)
            for file in Path(place).iterdir()
            if file.suffix.lower() in ENDINGS
            and not file.name.startswith((".", "~$"))
            and not file.stem.endswith(".rejected")
            and file.is_file()
        ]
    except OSError:
        return []
    return [file for _, file in sorted(files, key=lambda pair: -pair[0])[:MOST_LISTED]]


def _day(file: Path) -> str | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat()
    except OSError:
        return None
