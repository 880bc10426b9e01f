from math import isnan
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from leadml.errors import UsageError
from leadml.learning.gate import Margins, Verdict, champion_check, signal_check

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Leads = tuple[Bools, Floats, Floats]


@pytest.fixture(scope="module")
def leads() -> Leads:
    rng = np.random.default_rng(0)
    logit = rng.normal(-2, 1.2, 1500)
    return rng.random(1500) < expit(logit), logit, rng.normal(size=1500)


def signal(y_true: Bools, logit: Floats, naive: dict[str, Floats] | None = None, **settings: Any) -> Verdict:
    return signal_check(y_true, logit, base_rate_train=0.17, naive=naive or {}, n_replicates=200, **settings)


def outcome(verdict: Verdict) -> dict[str, bool]:
    return {check.name: check.passed for check in verdict.checks}


def test_a_model_with_signal_is_promoted_with_its_numbers(leads: Leads) -> None:
    y_true, logit, noise = leads
    verdict = signal(y_true, logit, {"newest first": noise + logit / 4})
    assert verdict.promoted
    assert verdict.sentence == (
        "Promoted: ranks better than chance (AUC 0.80, at least 0.78) and finds 52 % of conversions in the "
        "first 20 % of calls; the best simple rule, newest first, finds 26 %."
    )
    assert outcome(verdict) == {"log_loss": True, "roc_auc": True, "capture_at_20pct": True}
    log_loss, roc_auc, capture = verdict.checks
    assert log_loss.value < log_loss.bound < log_loss.limit == 0
    assert roc_auc.value > roc_auc.bound > roc_auc.limit == 0.5
    assert capture.value == capture.bound > capture.limit


def test_noise_has_no_signal(leads: Leads) -> None:
    y_true, _, noise = leads
    verdict = signal(y_true, noise - 2)
    assert not verdict.promoted
    assert verdict.sentence.startswith("Not promoted: no signal: ")
    assert "its order may be no better than chance (AUC 0.5" in verdict.sentence
    assert not outcome(verdict)["log_loss"]
    assert not outcome(verdict)["roc_auc"]


def test_noise_is_rarely_promoted() -> None:
    rng = np.random.default_rng(1)
    promoted = 0
    for _ in range(60):
        y_true = rng.random(300) < 0.2
        verdict = signal_check(y_true, rng.normal(-1.4, 0.1, 300), base_rate_train=0.2, naive={}, n_replicates=100)
        promoted += verdict.promoted
    assert promoted <= 4


def test_a_constant_model_has_no_signal(leads: Leads) -> None:
    y_true, logit, _ = leads
    verdict = signal(y_true, np.full(logit.shape, np.log(0.17 / 0.83)))
    assert outcome(verdict) == {"log_loss": False, "roc_auc": False, "capture_at_20pct": True}


def test_misleading_probabilities_are_not_promoted(leads: Leads) -> None:
    y_true, logit, _ = leads
    verdict = signal(y_true, logit + 3)
    assert outcome(verdict) == {"log_loss": False, "roc_auc": True, "capture_at_20pct": True}
    assert "its probabilities are not shown to be better than giving every lead the base rate of 17 %" in (
        verdict.sentence
    )


def test_a_simple_rule_that_does_better_wins(leads: Leads) -> None:
    y_true, logit, noise = leads
    verdict = signal(y_true, logit, {"newest first": noise, "best source first": logit + y_true})
    assert outcome(verdict) == {"log_loss": True, "roc_auc": True, "capture_at_20pct": False}
    assert verdict.sentence.startswith("Not promoted: no signal beyond a simple rule: it finds only 52 %")
    assert "best source first" in verdict.sentence


def test_a_rule_that_does_as_well_does_not_stand_in_the_way(leads: Leads) -> None:
    y_true, logit, _ = leads
    assert signal(y_true, logit, {"the same order": 2 * logit}).promoted


def test_few_conversions_are_pointed_out(leads: Leads) -> None:
    y_true, logit, _ = leads
    assert "tested on only 16 conversions, so these numbers are rough." in signal(y_true[:110], logit[:110]).sentence


@pytest.mark.parametrize(("converted", "word"), [(True, "all"), (False, "none")])
def test_one_class_is_a_verdict(converted: bool, word: str) -> None:
    y_true, logit = np.full(40, converted), np.linspace(-1, 1, 40)
    verdict = signal(y_true, logit)
    assert verdict.sentence == f"Not promoted: no signal can be shown: {word} of the 40 leads tested converted."
    verdict = champion_check(y_true, logit, logit, n_replicates=10)
    assert f"compared with the champion: {word} of the 40" in verdict.sentence


def test_one_group_is_a_verdict(leads: Leads) -> None:
    y_true, logit, _ = leads
    groups = ["one account"] * y_true.size
    for verdict in (
        signal(y_true, logit, groups=groups),
        champion_check(y_true, logit, logit, groups=groups, n_replicates=10),
    ):
        assert not verdict.promoted
        assert verdict.sentence.endswith(": all leads tested belong to one group.")


def test_groups_make_the_gate_more_careful(leads: Leads) -> None:
    y_true, logit, _ = leads
    y_true, logit = np.tile(y_true[:60], 10), np.tile(logit[:60], 10)
    bound = {
        grouped: signal(y_true, logit, groups=np.tile(np.arange(60), 10) if grouped else None).checks[1].bound
        for grouped in (True, False)
    }
    assert bound[True] < bound[False]


@pytest.mark.parametrize("rate", [0, 1, float("nan")])
def test_refuses_a_base_rate_that_is_no_rate(rate: float) -> None:
    with pytest.raises(UsageError, match="base_rate_train must fulfil"):
        signal_check(np.array([True, False]), np.zeros(2), base_rate_train=rate, naive={})


def test_the_champion_itself_is_as_good_as_the_champion(leads: Leads) -> None:
    y_true, logit, _ = leads
    verdict = champion_check(y_true, logit, logit, capacity=50, n_replicates=50)
    assert verdict.promoted
    assert verdict.sentence.startswith("Promoted: as good as the champion, within the margins: AUC 0.803 against 0.803")
    assert "in the first 50 calls" in verdict.sentence
    assert [check.value for check in verdict.checks[:2]] == [0, 0]


def test_a_better_challenger_ranks_better(leads: Leads) -> None:
    y_true, logit, _ = leads
    verdict = champion_check(y_true, logit + 0.3 * y_true, logit, n_replicates=200)
    assert verdict.promoted
    assert verdict.sentence.startswith("Promoted: ranks better than the champion: AUC")
    assert "in the first 300 calls" in verdict.sentence


def test_a_worse_challenger_is_refused_with_all_its_reasons(leads: Leads) -> None:
    y_true, logit, noise = leads
    verdict = champion_check(y_true, logit + 2 * noise, logit, n_replicates=200)
    assert outcome(verdict) == {"roc_auc": False, "capture_at_capacity": False, "log_loss": False}
    assert verdict.sentence.startswith("Not promoted: it may be worse than the champion: AUC")
    for check in verdict.checks:
        assert check.sentence in verdict.sentence


def test_worse_probabilities_alone_are_refused(leads: Leads) -> None:
    y_true, logit, _ = leads
    verdict = champion_check(y_true, 1.5 * logit, logit, n_replicates=50)
    assert outcome(verdict) == {"roc_auc": True, "capture_at_capacity": True, "log_loss": False}


def test_margins_decide(leads: Leads) -> None:
    y_true, logit, noise = leads
    challenger = logit + 0.3 * noise
    wide, narrow = Margins(0.2, 0.9, 0.5), Margins(0.0, 0.0, 0.0)
    assert champion_check(y_true, challenger, logit, margins=wide, n_replicates=200).promoted
    assert not champion_check(y_true, challenger, logit, margins=narrow, n_replicates=200).promoted
    with pytest.raises(UsageError, match="Margin capture must fulfil"):
        Margins(capture=1.0)


def test_a_champion_that_finds_nothing_is_not_divided_by() -> None:
    y_true = np.repeat([True, False], [30, 270])
    order = np.arange(300.0) / 300
    verdict = champion_check(y_true, -order, order, capacity=20, n_replicates=50)
    capture = verdict.checks[1]
    assert capture.passed
    assert not isnan(capture.bound)
