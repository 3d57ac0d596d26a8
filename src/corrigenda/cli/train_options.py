"""The options of `corrigenda train`, by groups; each is `None` or empty where it is not given."""

from pathlib import Path
from typing import Annotated, Any

import typer

from corrigenda.cli import completion

ROWS = "Making the exports (instead of --export)"
TRAINING = "Training"
ADAPTERS = "Adapters"
MACHINE = "The machine"
INSTEAD = "Instead of training"


def _option(panel: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, rich_help_panel=panel, show_default=False, **more)


def _main(*names: str, **more: Any) -> Any:
    return typer.Option(*names, show_default=False, **more)


Model = Annotated[
    str | None,
    _main(
        "--model",
        metavar="PATH|ID",
        help="The model to train: a folder, a finished training's folder, or a name on the Hub.",
    ),
]
Exports = Annotated[
    list[str] | None,
    _main(
        "--export",
        metavar="NAME",
        help="What to train on: a named export, or a folder or manifest. Repeatable.",
    ),
]
Output = Annotated[
    Path | None,
    _main("--output", "-o", metavar="DIR", help="The folder of the training, which is made."),
]
Method = Annotated[
    str | None,
    _main(
        "--method",
        metavar="NAME",
        help="sft (the corrected turn is learned), dpo (it is preferred to the wrong one), or "
        "sft-dpo (one after the other).  [default: sft]",
    ),
]
Resume = Annotated[
    Path | None,
    _main(
        "--resume",
        metavar="DIR",
        help="Go on with a training from its last checkpoint; everything else stands in its plan.",
    ),
]

Name = Annotated[
    str | None,
    _option(
        ROWS,
        "--name",
        metavar="NAME",
        help="Keep what is made under this name; pairs under NAME-pairs.",
    ),
]
RecipeFile = Annotated[
    Path | None,
    _option(ROWS, "--recipe", metavar="FILE", help="Begin with the recipe in a file."),
]
IncludeCategory = Annotated[
    list[str] | None,
    _option(
        ROWS,
        "--include-category",
        metavar="NAME",
        help="Only this failure category. Repeatable, as are the other names.",
        autocompletion=completion.categories,
    ),
]
ExcludeCategory = Annotated[
    list[str] | None,
    _option(
        ROWS,
        "--exclude-category",
        metavar="NAME",
        help="Not this failure category.  [default: scoring_artifact, too]",
        autocompletion=completion.categories,
    ),
]
FromModel = Annotated[
    list[str] | None,
    _option(ROWS, "--from-model", metavar="NAME", help="Only answers that this model gave."),
]
Task = Annotated[list[str] | None, _option(ROWS, "--task", metavar="NAME", help="Only this task.")]
TaskType = Annotated[
    list[str] | None, _option(ROWS, "--task-type", metavar="NAME", help="Only this task type.")
]
Run = Annotated[list[str] | None, _option(ROWS, "--run", metavar="ID", help="Only this run.")]
Tag = Annotated[list[str] | None, _option(ROWS, "--tag", metavar="TAG", help="Only with this tag.")]
Batch = Annotated[str | None, _option(ROWS, "--batch", metavar="NAME", help="Only of this batch.")]
FormatPairs = Annotated[
    bool | None,
    _option(ROWS, "--format-pairs", help="Keep pairs that differ only in format."),
]
Replay = Annotated[
    float | None,
    _option(
        ROWS,
        "--replay",
        metavar="SHARE",
        help="Mix in this share of passes, 0 to 0.9, so that they are not forgotten.  [default: "
        "0.3, if there are any]",
    ),
]
Split = Annotated[
    str | None,
    _option(
        ROWS,
        "--split",
        metavar="A,B,C",
        help="The shares of train, validation and test: `0.8,0.1,0.1`.",
    ),
]

Epochs = Annotated[
    float | None,
    _option(TRAINING, "--epochs", metavar="N", help="How often all rows are seen.  [default: 3]"),
]
MaxSteps = Annotated[
    int | None, _option(TRAINING, "--max-steps", metavar="N", help="So many steps instead.")
]
LearningRate = Annotated[
    float | None,
    _option(
        TRAINING,
        "--learning-rate",
        metavar="RATE",
        help="The highest, of the supervised stage.  [default: 2e-5; with LoRA 2e-4]",
    ),
]
DpoLearningRate = Annotated[
    float | None,
    _option(
        TRAINING,
        "--dpo-learning-rate",
        metavar="RATE",
        help="The highest, of the stage on pairs.  [default: 1e-6; with LoRA 1e-5]",
    ),
]
BatchSize = Annotated[
    int | None,
    _option(
        TRAINING,
        "--batch-size",
        metavar="N",
        help="Rows in a step, over all processes.  [default: 16]",
    ),
]
DeviceBatchSize = Annotated[
    int | None,
    _option(TRAINING, "--device-batch-size", metavar="N", help="Of these, at once on a device."),
]
MaxLength = Annotated[
    int | None,
    _option(
        TRAINING,
        "--max-length",
        metavar="N",
        help="In tokens; a longer row is refused, never cut or dropped.  [default: 2048]",
    ),
]
Seed = Annotated[
    int | None,
    _option(TRAINING, "--seed", metavar="N", help="Of all that chance decides.  [default: 0]"),
]
Scheduler = Annotated[
    str | None,
    _option(
        TRAINING,
        "--scheduler",
        metavar="NAME",
        help="How the rate falls: cosine, linear or constant.  [default: cosine]",
    ),
]
Warmup = Annotated[
    float | None,
    _option(
        TRAINING,
        "--warmup",
        metavar="SHARE",
        help="The share of steps in which it rises.  [default: 0.03]",
    ),
]
WeightDecay = Annotated[
    float | None,
    _option(TRAINING, "--weight-decay", metavar="N", help="Of AdamW.  [default: 0]"),
]
Beta = Annotated[
    float | None,
    _option(
        TRAINING,
        "--beta",
        metavar="N",
        help="How strongly DPO holds on to the base model.  [default: 0.1]",
    ),
]
SftWeight = Annotated[
    float | None,
    _option(
        TRAINING,
        "--sft-weight",
        metavar="N",
        help="The weight of the supervised term beside DPO's.  [default: 1]",
    ),
]
ReplayWeight = Annotated[
    float | None,
    _option(
        TRAINING,
        "--replay-weight",
        metavar="N",
        help="The weight of the passes beside DPO's.  [default: 1]",
    ),
]

Lora = Annotated[
    bool | None,
    _option(ADAPTERS, "--lora", help="Train small adapters (LoRA) instead of all weights."),
]
LoraR = Annotated[
    int | None,
    _option(ADAPTERS, "--lora-r", metavar="N", help="Their rank.  [default: 16]"),
]
LoraAlpha = Annotated[
    int | None,
    _option(ADAPTERS, "--lora-alpha", metavar="N", help="Their scale is ALPHA/R.  [default: 32]"),
]
LoraDropout = Annotated[
    float | None,
    _option(ADAPTERS, "--lora-dropout", metavar="SHARE", help="Of their input.  [default: 0]"),
]
LoraTarget = Annotated[
    list[str] | None,
    _option(
        ADAPTERS,
        "--lora-target",
        metavar="MODULE",
        help="Only on modules of this name. Repeatable.  [default: all linear ones]",
    ),
]
Merge = Annotated[
    bool | None,
    _option(ADAPTERS, "--merge", help="Write the model with its adapters merged in as well."),
]
Quantize = Annotated[
    str | None,
    _option(
        ADAPTERS,
        "--quantize",
        metavar="nf4",
        help="Keep the base model in 4 bits (QLoRA); needs a GPU and bitsandbytes.",
    ),
]

Python = Annotated[
    Path | None,
    _option(
        MACHINE,
        "--python",
        metavar="PATH",
        help="The Python that has torch and trl.  [env: CORRIGENDA_TRAIN_PYTHON; default: this "
        "one]",
    ),
]
Processes = Annotated[
    int,
    _option(
        MACHINE,
        "--processes",
        metavar="N",
        min=1,
        help="So many processes on this machine, by torchrun: one for each GPU.  [default: 1]",
    ),
]
Fetch = Annotated[bool, _option(MACHINE, "--fetch", help="Download the model if it is not here.")]
Revision = Annotated[
    str | None,
    _option(MACHINE, "--revision", metavar="COMMIT", help="Of a model on the Hub."),
]
Cpu = Annotated[bool | None, _option(MACHINE, "--cpu", help="Leave GPUs alone.")]
Dtype = Annotated[
    str | None,
    _option(
        MACHINE,
        "--dtype",
        metavar="NAME",
        help="auto, float32, bfloat16 or float16.  [default: auto]",
    ),
]
Attention = Annotated[
    str | None,
    _option(
        MACHINE,
        "--attention",
        metavar="NAME",
        help="auto, eager, sdpa, flash_attention_2 or flash_attention_3.  [default: auto]",
    ),
]
Packing = Annotated[
    str | None,
    _option(
        MACHINE,
        "--packing",
        metavar="auto|on|off",
        help="Several rows in a sequence.  [default: auto]",
    ),
]
ActivationCheckpointing = Annotated[
    str | None,
    _option(
        MACHINE,
        "--activation-checkpointing",
        metavar="auto|on|off",
        help="Less memory for more time.  [default: auto]",
    ),
]
SaveSteps = Annotated[
    int | None,
    _option(
        MACHINE,
        "--save-steps",
        metavar="N",
        help="Steps between checkpoints.  [default: about ten in a stage]",
    ),
]
KeepCheckpoints = Annotated[
    int | None,
    _option(
        MACHINE,
        "--keep-checkpoints",
        metavar="N",
        help="How many of a stage stay on the disk.  [default: 2]",
    ),
]
LoggingSteps = Annotated[
    int | None,
    _option(MACHINE, "--logging-steps", metavar="N", help="Steps between two lines of progress."),
]
ReportTo = Annotated[
    list[str] | None,
    _option(
        MACHINE,
        "--report-to",
        metavar="NAME",
        help="A tracker as well, such as tensorboard, trackio or wandb. Repeatable.",
    ),
]

Check = Annotated[
    bool,
    _option(INSTEAD, "--check", help="Only say what stands against it; nothing is kept."),
]
ShowTokens = Annotated[
    bool,
    _option(
        INSTEAD,
        "--show-tokens",
        help="Only show an example, with the tokens marked that are learned.",
    ),
]
Prepare = Annotated[
    bool,
    _option(
        INSTEAD,
        "--prepare",
        help="Only make the folder, and say how to launch it by torchrun or accelerate.",
    ),
]
Emit = Annotated[
    str | None,
    _option(
        INSTEAD,
        "--emit",
        metavar="TRAINER",
        help="Only make a folder for axolotl or llama-factory: a configuration, and the rows.",
    ),
]
Quiet = Annotated[bool, _main("--quiet", "-q", help="Say nothing but what goes wrong.")]
