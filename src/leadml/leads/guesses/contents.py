"""What the values of a column tell about, where its name says nothing: sources, firms, money, who decides."""

import re
from collections.abc import Mapping
from typing import Final

from leadml.leads.guesses.portrait import Portrait
from leadml.leads.guesses.vocabulary import spoken, words
from leadml.leads.schema import Axis

SHARE, LEAST = 0.6, 2  # of the known values, and of different ones, that must speak for an axis
_MONEY = re.compile(r"; in (?:[^\s%]*[$€£¥]|[A-Z]{3})\b|; in [$€£¥]")
_SIZE = re.compile(r"^(?:1[-–]10|11[-–]50|51[-–]200|201[-–]500|201[-–]1000|501[-–]1000|1001[-–]5000|5001[-–]10000)$")

# axis -> what its values are called, and how that is told
VALUES: Final[Mapping[Axis, tuple[tuple[str, re.Pattern[str]], ...]]] = {
    "authority": (
        (
            "roles in a decision",
            words("""
                decision ?makers?, deciders?, influencers?, end ?users?, budget ?holders?, (?:executive )?sponsors?,
                gate ?keepers?, champions?, economic buyers?, (?:mit)?entscheider(?:in)?, anwender(?:in)?,
                beeinflusser(?:in)?, einkäufer(?:in)?, geschäftsführ\\w+, führungskraft, vorstand"""),
        ),
    ),
    "ability": (
        (
            "branches of business",
            words("""
                manufacturing, retail(?:ing)?, wholesale, construction, health ?care, banking, insurance, logistics,
                transport(?:ation)?, hospitality, real estate, agriculture, automotive, energy, telecom\\w*, utilities,
                public sector, government, non ?profit, consulting, software, pharma\\w*, einzelhandel, grosshandel,
                handel, handwerk, baugewerbe, bauwesen, maschinenbau, gesundheitswesen, versicherung\\w*, gastronomie,
                immobilien, landwirtschaft, automobil\\w*, industrie, öffentliche verwaltung, energiewirtschaft"""),
        ),
        ("legal forms", words("gmbh(?: co kg)?, ag, kg, ug, ohg, gbr, llc, ltd, inc, plc, einzelunternehmen")),
    ),
    "interest": (
        (
            "ways to come in",
            words("""
                web ?(?:site|seite|form|formular)?, google(?: \\w+)?, bing, linked ?in(?: \\w+)?, facebook(?: \\w+)?,
                instagram, twitter, youtube, seo, sea, organic(?: \\w+)?, paid \\w+, direct(?: traffic)?, referrals?,
                empfehlung(?:en)?, webinars?, trade (?:fair|show)s?, messen?, newsletters?, e ?mail campaign, cold \\w+,
                kaltakquise, purchased list, adresskauf, partners?, such ?maschine, social(?: media)?, events?,
                advertis\\w+, werbung, word of mouth, mundpropaganda, advertisement, inbound, outbound, chat"""),
        ),
    ),
}


def axis_of_values(one: Portrait) -> tuple[Axis, str] | None:
    """Return (axis, what speaks for it) of a column's values, or None."""
    if one.guess.kind == "number":
        return ("ability", "amounts of money") if _MONEY.search(one.guess.why) else None
    if one.guess.kind != "category":
        return None
    known = sum(n for _, n in one.levels)
    for axis, kinds in VALUES.items():
        for told, pattern in kinds:
            if _speaks([n for text, n in one.levels if pattern.fullmatch(spoken(text.casefold()))], known):
                return axis, told
    sizes = [n for text, n in one.levels if _SIZE.match("".join(text.split()).replace(",", "").replace(".", ""))]
    return ("ability", "sizes of firms") if _speaks(sizes, known) else None


def _speaks(counts: list[int], known: int) -> bool:
    return len(counts) >= LEAST and sum(counts) >= SHARE * known
