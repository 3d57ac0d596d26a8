"""TRL's trainers with what this project adds: the order of rows, and passes beside pairs.

They are made inside functions, for their bases are imported there.
"""

from collections.abc import Sequence
from typing import Any

from corrigenda.train.order import Sampler, Share, replayed
from corrigenda.train.preparing import Prepared


class _Ours:
    """What both trainers have: our order of rows, and no model card."""

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler:
        trainer: Any = self
        args, rows = trainer.args, train_dataset or trainer.train_dataset
        batch = args.per_device_train_batch_size * args.gradient_accumulation_steps
        return Sampler(
            len(rows), batch * args.world_size, args.seed, lambda: trainer.state.global_step
        )

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """The run writes one at its end."""


def supervised() -> Any:
    """The class of the supervised trainer."""
    from trl import SFTTrainer

    class Supervised(_Ours, SFTTrainer):  # type: ignore[misc]  # a library without types
        pass

    return Supervised


def by_preference() -> Any:
    """The class of the preference trainer that keeps passes by a supervised term on them."""
    import torch
    from trl import DPOTrainer

    class DPOWithReplay(_Ours, DPOTrainer):  # type: ignore[misc]  # a library without types
        def __init__(
            self, *, replay: Sequence[Prepared], replay_weight: float, **more: Any
        ) -> None:
            super().__init__(**more)
            self._replay = list(replay) if replay_weight else []
            self._replay_weight = replay_weight
            self._at = (-1, 0)

        def compute_loss(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            loss = super().compute_loss(model, inputs, *args, **kwargs)
            if not self._replay or not self.model.training:
                return loss
            kept = self._kept(model)
            self._metrics["train"]["replay_loss"].append(kept.detach().item())
            return loss + self._replay_weight * kept

        def _kept(self, model: Any) -> Any:
            """The mean negative log-likelihood of the tokens of this batch's passes."""
            step, micro = self.state.global_step, self._at[1]
            if self._at[0] != step:
                micro = 0
            self._at = (step, micro + 1)
            share = Share(
                self.args.per_device_train_batch_size,
                self.args.gradient_accumulation_steps,
                self.args.world_size,
                self.args.process_index,
            )
            rows = replayed(len(self._replay), self.args.seed, step, micro, share)
            batch = self._batch([self._replay[row] for row in rows])
            found = model(**batch, use_cache=False, fused_lm_head=True)
            tokens = (batch["labels"][:, 1:] != -100).sum()
            self._total_train_tokens += int(batch["attention_mask"].sum()) * self.args.world_size
            self._metrics["train"]["num_tokens"] = [self._total_train_tokens]
            return -found.log_probs.sum() / tokens

        def _batch(self, rows: Sequence[Prepared]) -> dict[str, Any]:
            longest = max(len(row.ids) for row in rows)
            padding = self._tokenizer.pad_token_id
            filled = {
                "input_ids": [_filled(row.ids, padding, longest) for row in rows],
                "labels": [_filled(row.labels, -100, longest) for row in rows],
                "attention_mask": [_filled([1] * len(row.ids), 0, longest) for row in rows],
            }
            device = self.accelerator.device
            return {key: torch.tensor(value, device=device) for key, value in filled.items()}

    return DPOWithReplay


def _filled(values: Sequence[int], padding: int, length: int) -> list[int]:
    return [*values, *[padding] * (length - len(values))]
