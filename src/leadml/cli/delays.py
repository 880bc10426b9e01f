"""What ``leadml check`` prints of the delay to a conversion."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from leadml.training.delays import Delays


def show_delay(console: "Console", delay: "Delays", own: int | None) -> None:
    """Print how long conversions take, and what each horizon costs; ``own`` is the one that is set."""
    from rich.table import Table

    console.print("\nDelay", style="bold")
    console.print(f"{str(delay)[0].upper()}{str(delay)[1:]}.")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("horizon", "conversions in time", "leads that have matured", "conversions among them", ""):
        table.add_column(header, justify="left" if header in ("horizon", "") else "right")
    for one in delay.horizons:
        marks = [mark for mark, days in (("yours", own), ("proposed", delay.proposed)) if days == one.days]
        table.add_row(
            f"{one.days} days",
            f"{one.in_time.value:.0%}",
            f"{one.n_leads:,} ({one.matured:.0%})",
            f"{one.n_converted:,}",
            ", ".join(marks),
        )
    if delay.horizons:
        console.print(table)
