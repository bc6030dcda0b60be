from __future__ import annotations

import random
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the extra [adapt] is not installed")

from training.adapt.batches import Mixture, batches  # noqa: E402
from training.adapt.examples import Example, Labels, from_item  # noqa: E402
from training.adapt.fitting import Plan, fit, loss_of  # noqa: E402
from training.adapt.network import Network, Shape  # noqa: E402
from training.adapt.vocabulary import SPECIAL, build_tokenizer  # noqa: E402

LABELS = Labels(("kosten", "snelheid"), ("klacht",))
WORDS = ("▁de", "▁premie", "▁is", "▁hoog", "▁snel", "▁geregeld", "▁en", "▁te")
TOKENIZER = build_tokenizer(
    [*((name, 0.0) for name in SPECIAL), ("▁", -5.0), *((word, -2.0) for word in WORDS)]
)
PLAN = Plan(epochs=3, probe_epochs=2, frozen=1, tokens=200)


class InterruptedTrainingError(Exception):
    pass


def items() -> list[Example]:
    dear = from_item(LABELS, "de premie is te hoog", {"kosten": -1}, {"kosten": ["te hoog"]}, -1, 4, 4, 2, [])
    quick = from_item(LABELS, "snel geregeld", {"snelheid": 1}, {"snelheid": ["snel"]}, 2, 9, 9, None, [])
    return [dear, quick] * 20


def network() -> Network:
    torch.manual_seed(1)
    return Network(Shape(words=20, themes=2, signals=1, hidden=32, layers=2, heads=2, feed_forward=64))


def loss_on_all(network: Network) -> float:
    """Mean loss on the items as they are, with nothing dropped."""
    network.eval()
    as_they_are = Mixture(noisy=0.0, parts=0.0, joined=0.0, dropped=0.0)
    found = batches(items(), TOKENIZER, as_they_are, random.Random(0), PLAN.tokens, PLAN.longest)
    with torch.no_grad():
        losses = [loss_of(network(batch.ids, batch.mask), batch).item() for batch in found]
    return sum(losses) / len(losses)


def test_the_loss_falls_and_the_network_learns_which_words_show_a_theme(tmp_path: Path) -> None:
    trained = network()
    before = loss_on_all(trained)
    told: list[tuple[float, float]] = []
    fit(trained, TOKENIZER, items(), PLAN, tmp_path / "state.pt", lambda *done: told.append(done))

    ids = [0, *TOKENIZER.encode("de premie is te hoog", add_special_tokens=False).ids, 2]
    with torch.no_grad():
        said = trained(torch.tensor([ids]), torch.ones(1, len(ids)))
    assert loss_on_all(trained) < 0.95 * before
    assert told[-1][0] == 1.0
    assert all(loss > 0 for _, loss in told)
    assert said.tokens[0, 1:-1, 0].argmax() >= 3


def test_a_training_that_was_broken_off_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = network()
    fit(whole, TOKENIZER, items(), PLAN, tmp_path / "whole.pt", lambda *_: None)

    def stop_in_the_last_epoch(share: float, _: float) -> None:
        if share > 0.67:
            raise InterruptedTrainingError

    broken = network()
    with pytest.raises(InterruptedTrainingError):
        fit(broken, TOKENIZER, items(), PLAN, tmp_path / "broken.pt", stop_in_the_last_epoch)
    again = network()
    fit(again, TOKENIZER, items(), PLAN, tmp_path / "broken.pt", lambda *_: None)

    for name, value in whole.state_dict().items():
        assert torch.allclose(value, again.state_dict()[name], atol=1e-5), name
