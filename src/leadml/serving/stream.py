"""Scoring a stream of any size in constant memory: bytes in, bytes out, a block at a time.

One block is scored, in a thread, before the next one is read, and only once what came out of it has been taken: a slow
reader slows the sender down. What the bytes mean is the matter of a format, see ``Format``.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import NamedTuple, Protocol

from starlette.concurrency import run_in_threadpool

BLOCK_BYTES = 1 << 20  # some thousand rows
MOST_ROW = 8 << 20  # bytes of one row
BODY = "the body"  # what messages call it


class Piece(NamedTuple):
    """What came out of a block: the bytes of whole rows, the scores of the leads in it, how many could not be read.

    ``last``: the rest cannot be read.
    """

    data: bytes
    scores: Sequence[int] = ()
    n_unread: int = 0
    last: bool = False


class Format(Protocol):
    """How leads are written: rows are read from bytes, and scored ones written the same way."""

    def feed(self, data: bytes, *, last: bool) -> Piece:
        """Take in the next bytes; return the rows that are whole now, one for each row of the input, in order.

        A row that cannot be read says so; where no row can be found any more, the last one does. Raises DataError
        where nothing of the whole can be read, which shows in the first bytes.
        """
        ...


async def scored(
    chunks: AsyncIterator[bytes], form: Format, seen: Callable[[Piece], None] | None = None
) -> AsyncGenerator[bytes]:
    """Score what comes in; ``seen`` is told of each piece. Close it, or take all of it.

    Raises DataError before anything comes out, where the stream cannot be read at all.
    """
    async for block, last in _blocks(chunks):
        piece = await run_in_threadpool(form.feed, block, last=last)
        if seen is not None:
            seen(piece)
        if piece.data:
            yield piece.data
        if piece.last:
            return


async def _blocks(chunks: AsyncIterator[bytes]) -> AsyncGenerator[tuple[bytes, bool]]:
    """Yield blocks of a size, and whether each is the last one; chunks may be small, or the whole."""
    waiting, size = list[bytes](), 0
    async for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= BLOCK_BYTES:
            whole = b"".join(waiting)
            cut = size - size % BLOCK_BYTES
            for at in range(0, cut, BLOCK_BYTES):
                yield whole[at : at + BLOCK_BYTES], False
            waiting, size = [whole[cut:]], size - cut
    yield b"".join(waiting), True
