"""The callback by which a run follows a trainer, and stops it."""

from pathlib import Path
from typing import Any

from corrigenda.train import checkpoints, stopping
from corrigenda.train.progress import Pace, Progress, logged


def follower(stage: str, progress: Progress) -> Any:
    """A callback that writes events, seals checkpoints and ends the training when asked to.

    Its `trainer` is set when there is one.
    """
    from transformers import TrainerCallback

    class Follower(_Follower, TrainerCallback):  # type: ignore[misc]  # a library without types
        pass

    return Follower(stage, progress)


class _Follower:
    """What the callback does; transformers calls it with all that it knows."""

    def __init__(self, stage: str, progress: Progress) -> None:
        self.trainer: Any = None
        self._stage = stage
        self._progress = progress
        self._pace = Pace(0, 0, 0.0)

    def on_train_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        # The trainer counts tokens from 0 in each attempt.
        counted = [entry.get("num_tokens", 0) for entry in state.log_history]
        tokens = self.trainer._total_train_tokens = max(counted, default=0)
        self._pace = Pace(state.global_step, tokens, self._progress.seconds)
        self._event("start", state)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step < state.max_steps and _anybody_asked(args):
            control.should_training_stop = control.should_save = True
        # What a checkpoint keeps of the log reaches to its step.
        control.should_log = control.should_log or control.should_save

    def on_log(self, _args: Any, state: Any, _control: Any, logs: Any = None, **_: Any) -> None:
        found = logged(logs or {})
        if "loss" in found:
            tokens, now = self.trainer._total_train_tokens, self._progress.seconds
            found |= self._pace.so_far(state.global_step, tokens, now, state.max_steps)
        if not found.keys() <= {"epoch", "tokens"}:
            self._event("log", state, **found)

    def on_save(self, args: Any, state: Any, _control: Any, **_: Any) -> None:
        self.trainer.accelerator.wait_for_everyone()
        if state.is_world_process_zero:
            step = state.global_step
            checkpoints.seal(Path(args.output_dir) / f"checkpoint-{step}", step)
            self._event("save", state)
        # A process that left now would end the others, by its launcher, before that is done.
        self.trainer.accelerator.wait_for_everyone()

    def on_train_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        self._event("end", state)

    def _event(self, name: str, state: Any, **more: Any) -> None:
        place = {"stage": self._stage, "step": state.global_step, "max_steps": state.max_steps}
        self._progress.event(name, **place, **more)


def _anybody_asked(args: Any) -> bool:
    """Whether one of the processes was asked to stop: all stop after the same step."""
    if args.world_size == 1:
        return stopping.asked()
    import torch

    flag = torch.tensor(float(stopping.asked()), device=args.device)
    torch.distributed.all_reduce(flag, op=torch.distributed.ReduceOp.MAX)
    return bool(flag.item())
