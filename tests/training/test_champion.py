"""The challenger against the champion: on fresh leads as it serves, else refitted; without fields that are gone."""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Field, Kind, Part, Roles, Schema
from leadml.leads.snapshots import Snapshots
from leadml.learning.experiment import Experiment, prepare_recipe, run_experiment
from leadml.learning.gate import Margins, Verdict
from leadml.model.bundle import Bundle, Recipe
from leadml.model.scorecard import CategoryTerm, LinearTerm, Scorecard, Term
from leadml.training import champion as champions
from leadml.training.champion import against_champion

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
MakeBundle = Callable[..., Bundle]
N = 1000
SCHEMA = Schema((Field("visits", "number"), Field("source", "category"), Field("luck", "number")), Roles())
GOOD: tuple[Term, ...] = (
    LinearTerm("visits", 0.6, 0.0, 9.0, 3.0, 0.0),
    CategoryTerm("source", ("fair",), (1.0,), 0, 0),
)
LUCK: tuple[Term, ...] = (LinearTerm("luck", 0.3, -2.0, 2.0, 0.0, 0.0),)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def leads(make_shots: MakeShots) -> tuple[Snapshots, tuple[Part, ...]]:
    """One lead a day from 1970 on."""
    rng = np.random.default_rng(0)
    visits, source = rng.poisson(3, N), rng.choice(2, N)
    y = rng.random(N) < 1 / (1 + np.exp(-(-1.2 + 0.6 * (visits - 3) + 1.0 * source)))
    columns: dict[str, Column] = {
        "visits": visits.astype(float),
        "source": Levels(source, ("web", "fair")),
        "luck": rng.normal(0, 1, N),
    }
    return make_shots(columns, y)


@pytest.fixture(scope="module")
def experiment(leads: tuple[Snapshots, tuple[Part, ...]]) -> Experiment:
    return run_experiment(*leads, families=["logistic"], n_replicates=100, progress=lambda _what, _share: None)


@pytest.fixture
def judge(leads: tuple[Snapshots, tuple[Part, ...]], experiment: Experiment) -> Callable[..., Verdict]:
    def judged(champion: Bundle, *, without: str | None = None, kinds: dict[str, Kind] | None = None) -> Verdict:
        shots, parts = leads
        return against_champion(
            champion,
            experiment,
            shots,
            [part for part in parts if part.name != without],
            margins=Margins(),
            capacity=20,
            n_replicates=200,
            random_state=0,
            kinds=kinds,
        )

    return judged


@pytest.fixture
def make_champion(make_bundle: MakeBundle) -> Callable[..., Bundle]:
    def make(terms: tuple[Term, ...], *, base: float = -1.0, until: str | None = "1970-06-01T00:00:00Z") -> Bundle:
        recipe = Recipe("logistic", {"C": 0.01}, tuple(term.part for term in terms))
        passport = msgspec.structs.replace(make_bundle().passport, trained_until=until, recipe=recipe)
        return Bundle(Scorecard(base, terms), SCHEMA, passport)

    return make


def _counting(monkeypatch: pytest.MonkeyPatch) -> list[NDArray[np.float64]]:
    """Keep the logits of the champion's refitted recipe."""
    refits: list[NDArray[np.float64]] = []

    def counted(*args: object, **settings: object) -> object:
        candidate = prepare_recipe(*args, **settings)  # type: ignore[arg-type]
        refits.append(candidate.test_logit)
        return candidate

    monkeypatch.setattr(champions, "prepare_recipe", counted)
    return refits


def test_on_fresh_leads_the_champion_is_compared_as_it_serves(
    judge: Callable[..., Verdict], make_champion: Callable[..., Bundle], monkeypatch: pytest.MonkeyPatch
) -> None:
    refits = _counting(monkeypatch)
    weak = judge(make_champion(LUCK))
    assert weak.promoted
    assert weak.sentence.startswith("Promoted: ranks better than the champion")
    as_good = judge(make_champion(GOOD))
    assert as_good.sentence.startswith(("Promoted: as good", "Promoted: ranks better", "Not promoted: it may be worse"))
    off = judge(make_champion(GOOD, base=3.0))  # ranks the same, with probabilities far off: only so when as it serves
    assert off.checks[0].value == pytest.approx(as_good.checks[0].value)
    assert off.checks[2].limit > as_good.checks[2].limit
    assert refits == []


def test_with_few_fresh_conversions_its_recipe_is_refitted(
    judge: Callable[..., Verdict],
    make_champion: Callable[..., Bundle],
    experiment: Experiment,
    leads: tuple[Snapshots, tuple[Part, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shots, _ = leads
    refits = _counting(monkeypatch)
    conversions = shots.times[experiment.split.test][shots.y[experiment.split.test]]
    for fresh, n_refits in ((30, 0), (29, 1)):
        until = np.datetime64(int(conversions[-fresh]) - 86_400, "s")
        judge(make_champion(LUCK, until=f"{until}Z"))
        assert len(refits) == n_refits
    assert refits[0].shape == experiment.candidate.test_logit.shape
    judge(make_champion(LUCK, until=None))
    assert len(refits) == 2, "without a date nothing is known to be fresh"


def test_the_newest_lead_that_the_champion_learned_from_is_not_fresh(
    make_champion: Callable[..., Bundle], leads: tuple[Snapshots, tuple[Part, ...]]
) -> None:
    shots, _ = leads
    moved = Snapshots(shots.parts, shots.y, shots.times + 0.5, shots.ends + 0.5, shots.groups, shots.rows, dated=True)
    champion = make_champion(GOOD, until="1970-01-11T00:00:00Z")  # 00:00:00.5, written to the second
    after = champions._after(champion, moved, np.arange(N, dtype=np.intp))
    assert np.flatnonzero(after)[0] == 11


def test_the_same_recipe_is_as_good_as_itself(
    judge: Callable[..., Verdict], make_champion: Callable[..., Bundle], experiment: Experiment
) -> None:
    trial = experiment.candidate.trial
    recipe = Recipe(trial.family, trial.settings, tuple(part.name for part in trial.parts))
    bundle = make_champion(GOOD, until="1999-01-01T00:00:00Z")
    same = Bundle(bundle.scorecard, bundle.schema, msgspec.structs.replace(bundle.passport, recipe=recipe))
    verdict = judge(same)
    assert verdict.promoted
    assert [check.value for check in verdict.checks[:2]] == [0.0, 0.0]


@pytest.mark.parametrize("until", ["1970-06-01T00:00:00Z", "1999-01-01T00:00:00Z"])
def test_a_field_that_is_gone_is_missing_to_the_champion_and_named(
    judge: Callable[..., Verdict], make_champion: Callable[..., Bundle], until: str
) -> None:
    with_all = judge(make_champion(GOOD, until=until))
    assert "was compared without" not in with_all.sentence
    without = judge(make_champion(GOOD, until=until), without="visits")
    assert "The champion was compared without visits: no longer in the table, or not used any more." in without.sentence
    assert without.checks[0].value > with_all.checks[0].value, "the champion is weaker without it"
    unused = judge(make_champion(LUCK, until=until), without="visits")
    assert "was compared without" not in unused.sentence, "a field that no term reads is not lacking"


def test_a_field_of_another_kind_is_gone_too(
    judge: Callable[..., Verdict], make_champion: Callable[..., Bundle]
) -> None:
    bundle = make_champion((CategoryTerm("visits", ("3",), (1.0,), 0.0, 0.0),))
    schema = Schema((Field("visits", "category"),), Roles())
    assert "compared without visits" in judge(Bundle(bundle.scorecard, schema, bundle.passport)).sentence


@pytest.mark.parametrize("terms", [LUCK, GOOD])
def test_nothing_left_of_the_champion(
    judge: Callable[..., Verdict], make_champion: Callable[..., Bundle], terms: tuple[Term, ...]
) -> None:
    bundle = make_champion(terms, until="1999-01-01T00:00:00Z")
    renamed = Schema(tuple(Field(f"old {f.name}", f.kind) for f in SCHEMA.fields), Roles())
    card = Scorecard(-1.0, tuple(msgspec.structs.replace(term, part=f"old {term.part}") for term in terms))
    verdict = judge(Bundle(card, renamed, bundle.passport))
    assert verdict.promoted
    assert "compared without old" in verdict.sentence


def test_a_category_that_was_a_country_is_gone_too(
    judge: Callable[..., Verdict], make_champion: Callable[..., Bundle]
) -> None:
    same = judge(make_champion(GOOD), kinds={"visits": "number", "source": "category"})
    assert "was compared without" not in same.sentence
    assert "compared without source:" in judge(make_champion(GOOD), kinds={"source": "country"}).sentence
