"""Training the network: one run, which can be interrupted and taken up again after its last whole epoch."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from training.adapt.batches import Batch, Mixture, batches, epoch_examples
from training.adapt.examples import Example
from training.adapt.network import Network, Outputs, PooledDropout

__all__ = ["Plan", "fit", "loss_of"]

SIGNAL_WEIGHT = 4.0
"""How much an item with a signal counts: signals are rare, and one that is missed costs more than a false one."""


@dataclass(frozen=True)
class Plan:
    """Settings of a training run.

    Attributes:
        epochs: Passes over the items.
        probe_epochs: Passes in which only the heads learn, over states that are computed once.
        probe_rate: Learning rate of those passes.
        rate: Learning rate of the topmost layer; each layer below has ``decay`` times that of the one above.
        head_rate: Learning rate of the heads.
        decay: See ``rate``.
        warmup: Share of the steps over which the rate rises; it falls linearly to zero afterwards.
        weight_decay: AdamW's decay of matrices.
        tokens: Places per batch.
        longest: Tokens after which a training text is cut.
        mixture: The kinds of examples.
        frozen: Lowest layers that stay as they are, with the embeddings: it saves time, and words that the items do
            not have keep fitting those that they have.
        seed: Seed of everything random.
    """

    epochs: int = 6
    probe_epochs: int = 8
    probe_rate: float = 2e-3
    rate: float = 2e-4
    head_rate: float = 5e-4
    decay: float = 0.9
    warmup: float = 0.08
    weight_decay: float = 0.01
    tokens: int = 700
    longest: int = 256
    mixture: Mixture = field(default_factory=Mixture)
    frozen: int = 3
    seed: int = 20


def fit(
    network: Network,
    tokenizer: Tokenizer,
    items: Sequence[Example],
    plan: Plan,
    checkpoint: Path,
    progress: Callable[[float, float], None],
    *,
    trained: bool = False,
) -> None:
    """Train ``network`` in place.

    Args:
        network: With the base model's weights, or those of an earlier training.
        tokenizer: The pruned tokenizer.
        items: Examples, one per item.
        plan: Settings.
        checkpoint: File that is written after every epoch and, if there, taken up.
        progress: Called with the share of the work done (0-1) and the running loss.
        trained: The heads fit the layers below already, so they need no passes of their own first.
    """
    start = 0
    if not checkpoint.is_file() and not trained:
        warm_up_heads(network, tokenizer, items, plan)
    optimizer = _optimizer(network, plan)
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        start = int(state["epoch"])
    running = 0.0
    peak = [group["lr"] for group in optimizer.param_groups] if start == 0 else _rates(network, plan)
    network.train()
    for epoch in range(start, plan.epochs):
        rng = random.Random(plan.seed * 1000 + epoch)  # noqa: S311 - not a secret
        torch.manual_seed(plan.seed * 1000 + epoch)
        for module in network.modules():
            if isinstance(module, PooledDropout):
                module.renew()
        examples = epoch_examples(items, plan.mixture, rng)
        groups = list(batches(examples, tokenizer, plan.mixture, rng, plan.tokens, plan.longest))
        for step, batch in enumerate(groups):
            done = (epoch + step / len(groups)) / plan.epochs
            scale = min(done / plan.warmup, (1.0 - done) / (1.0 - plan.warmup))
            for group, rate in zip(optimizer.param_groups, peak, strict=True):
                group["lr"] = rate * max(scale, 0.01)
            with torch.autocast("cpu", torch.bfloat16):
                outputs = network(batch.ids, batch.mask)
            loss = loss_of(outputs, batch)
            loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            running = 0.98 * running + 0.02 * loss.item() if running else loss.item()
            if step % 10 == 0:
                progress(done, running)
        _save(checkpoint, network, optimizer, epoch + 1)
    progress(1.0, running)
    network.eval()


def warm_up_heads(network: Network, tokenizer: Tokenizer, items: Sequence[Example], plan: Plan) -> None:
    """Fit the heads to the base model as it is, before anything below them moves.

    The base model's states share a large constant part, so they are standardised first. Starting from heads that fit
    changes the layers below less, which keeps more of what the base model knows of words the items do not have (Kumar
    et al., 2022, "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution").
    """
    rng = random.Random(plan.seed)  # noqa: S311 - not a secret
    torch.manual_seed(plan.seed)
    plain = Mixture(noisy=0.2, parts=plan.mixture.parts, joined=plan.mixture.joined, dropped=0.0)
    examples = epoch_examples(items, plain, rng)
    groups = list(batches(examples, tokenizer, plain, rng, plan.tokens, plan.longest))
    network.eval()
    states = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for batch in groups:
            states.append(network.backbone(batch.ids, batch.mask).to(torch.bfloat16))
    real = torch.cat(
        [state[batch.mask > 0] for state, batch in zip(states[:40], groups[:40], strict=True)]
    ).float()
    network.center.copy_(real.mean(0))
    network.spread.copy_(1.0 / real.std(0).clamp(min=1e-3))
    network.train()
    body = {id(parameter) for parameter in network.backbone.parameters()}
    heads = [parameter for parameter in network.parameters() if id(parameter) not in body]
    optimizer = torch.optim.AdamW(heads, lr=plan.probe_rate, weight_decay=plan.weight_decay)
    steps = plan.probe_epochs * len(groups)
    for step in range(steps):
        number = rng.randrange(len(groups))
        optimizer.param_groups[0]["lr"] = plan.probe_rate * (1.0 - step / steps)
        loss = loss_of(network.read(states[number].float(), groups[number].mask), groups[number])
        loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


def loss_of(outputs: Outputs, batch: Batch) -> Tensor:
    """The sum over all tasks, each a mean over the targets that are known (binary ones summed over labels)."""
    places = batch.mask[:, :, None] * batch.tagged[:, None, :]
    per_tag = functional.binary_cross_entropy_with_logits(
        outputs.tokens.float(), batch.tags, reduction="none", pos_weight=torch.tensor(1.5)
    )
    tags = (per_tag * places).sum() / batch.mask.sum()
    themes = _binary(outputs.themes, batch.themes)
    signals = _binary(outputs.signals, batch.signals, SIGNAL_WEIGHT)
    polarity = functional.cross_entropy(
        outputs.polarity.float().reshape(-1, 3), batch.polarity.reshape(-1), ignore_index=-1, reduction="sum"
    ) / (batch.polarity >= 0).sum().clamp(min=1)
    known = ~torch.isnan(batch.scalars)
    error = (outputs.scalars.float() - torch.nan_to_num(batch.scalars)).square() * known
    scalars = (error.sum(0) / known.sum(0).clamp(min=1)).sum()
    return tags + 1.2 * themes + signals + 1.5 * polarity + 2.0 * scalars


def _binary(logits: Tensor, targets: Tensor, positive: float = 1.0) -> Tensor:
    known = (targets >= 0).float()
    per_label = functional.binary_cross_entropy_with_logits(
        logits.float(), targets.clamp(min=0), reduction="none", pos_weight=torch.tensor(positive)
    )
    return (per_label * known).sum() / known.any(dim=1).sum().clamp(min=1)


def _groups(network: Network, plan: Plan) -> list[tuple[list[torch.nn.Parameter], float]]:
    backbone = network.backbone
    depth = len(backbone.layers)
    for module in (backbone.word, backbone.position, backbone.norm, *backbone.layers[: plan.frozen]):
        module.requires_grad_(False)
    groups: list[tuple[list[torch.nn.Parameter], float]] = []
    for number in range(plan.frozen, depth):
        groups.append(
            (list(backbone.layers[number].parameters()), plan.rate * plan.decay ** (depth - 1 - number))
        )
    body = {id(parameter) for parameter in backbone.parameters()}
    groups.append(([p for p in network.parameters() if id(p) not in body], plan.head_rate))
    return groups


def _rates(network: Network, plan: Plan) -> list[float]:
    return [rate for _, rate in _groups(network, plan)]


def _optimizer(network: Network, plan: Plan) -> torch.optim.AdamW:
    groups = [
        {"params": parameters, "lr": rate, "weight_decay": plan.weight_decay}
        for parameters, rate in _groups(network, plan)
    ]
    return torch.optim.AdamW(groups, fused=True, betas=(0.9, 0.98))


def _save(path: Path, network: Network, optimizer: torch.optim.AdamW, epoch: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_suffix(".part")
    torch.save(
        {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}, waiting
    )
    waiting.replace(path)
