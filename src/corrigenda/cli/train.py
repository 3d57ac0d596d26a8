"""`corrigenda train`."""

import typer

from corrigenda.cli import export_recipe
from corrigenda.cli import train_options as options
from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption


def train(
    ctx: typer.Context,
    model: options.Model = None,
    export: options.Exports = None,
    output: options.Output = None,
    method: options.Method = None,
    resume: options.Resume = None,
    name: options.Name = None,
    recipe: options.RecipeFile = None,
    include_category: options.IncludeCategory = None,
    exclude_category: options.ExcludeCategory = None,
    from_model: options.FromModel = None,
    task: options.Task = None,
    task_type: options.TaskType = None,
    run: options.Run = None,
    tag: options.Tag = None,
    batch: options.Batch = None,
    format_pairs: options.FormatPairs = None,
    replay: options.Replay = None,
    split: options.Split = None,
    epochs: options.Epochs = None,
    max_steps: options.MaxSteps = None,
    learning_rate: options.LearningRate = None,
    dpo_learning_rate: options.DpoLearningRate = None,
    batch_size: options.BatchSize = None,
    device_batch_size: options.DeviceBatchSize = None,
    max_length: options.MaxLength = None,
    seed: options.Seed = None,
    scheduler: options.Scheduler = None,
    warmup: options.Warmup = None,
    weight_decay: options.WeightDecay = None,
    beta: options.Beta = None,
    sft_weight: options.SftWeight = None,
    replay_weight: options.ReplayWeight = None,
    lora: options.Lora = None,
    lora_r: options.LoraR = None,
    lora_alpha: options.LoraAlpha = None,
    lora_dropout: options.LoraDropout = None,
    lora_target: options.LoraTarget = None,
    merge: options.Merge = None,
    quantize: options.Quantize = None,
    python: options.Python = None,
    processes: options.Processes = 1,
    fetch: options.Fetch = False,
    revision: options.Revision = None,
    cpu: options.Cpu = None,
    dtype: options.Dtype = None,
    attention: options.Attention = None,
    packing: options.Packing = None,
    activation_checkpointing: options.ActivationCheckpointing = None,
    save_steps: options.SaveSteps = None,
    keep_checkpoints: options.KeepCheckpoints = None,
    logging_steps: options.LoggingSteps = None,
    report_to: options.ReportTo = None,
    check: options.Check = False,
    show_tokens: options.ShowTokens = False,
    prepare: options.Prepare = False,
    emit: options.Emit = None,
    quiet: options.Quiet = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Train a model on corrections: of named exports, or of what a filter finds.

    Only the corrected turn is learned. Passes are mixed in, so that what the model had right
    stays so. Ctrl-C stops it with a checkpoint, and --resume goes on from there.
    """
    instead = [
        name
        for name, given in {
            "check": check,
            "tokens": show_tokens,
            "prepare": prepare,
            "emit": emit is not None,
        }.items()
        if given
    ]
    if len(instead) > 1:
        raise typer.BadParameter("give one of --check, --show-tokens, --prepare and --emit")
    filters = export_recipe.given(
        {
            "category": include_category,
            "exclude_category": exclude_category,
            "model": from_model,
            "task": task,
            "task_type": task_type,
            "run_id": run,
            "tag": tag,
            "batch": batch,
        }
    )
    adapters = export_recipe.given(
        {"r": lora_r, "alpha": lora_alpha, "dropout": lora_dropout, "targets": lora_target}
    )
    asked = export_recipe.given(
        {
            "epochs": epochs,
            "max_steps": max_steps,
            "learning_rate": learning_rate,
            "dpo_learning_rate": dpo_learning_rate,
            "batch_size": batch_size,
            "device_batch_size": device_batch_size,
            "max_length": max_length,
            "seed": seed,
            "scheduler": scheduler,
            "warmup": warmup,
            "weight_decay": weight_decay,
            "beta": beta,
            "sft_weight": sft_weight,
            "replay_weight": replay_weight,
            "merge": merge,
            "quantize": quantize,
            "device": "cpu" if cpu else None,
            "dtype": dtype,
            "attention": attention,
            "packing": packing,
            "activation_checkpointing": activation_checkpointing,
            "save_steps": save_steps,
            "keep_checkpoints": keep_checkpoints,
            "logging_steps": logging_steps,
            "report_to": report_to,
        }
    )
    if lora or adapters or quantize:
        asked["lora"] = adapters
    from corrigenda.cli.train_wanted import Wanted, carry_out, runner_of

    wanted = Wanted(
        model=model,
        revision=revision,
        method=method,
        exports=tuple(dict.fromkeys(export or ())),
        output=output,
        name=name,
        recipe=recipe,
        filters=filters,
        replay=replay,
        fields=export_recipe.given({"splits": split, "format_pairs": format_pairs}),
        options=asked,
        instead="".join(instead),
        trainer=emit,
    )
    runner = runner_of(ctx, workspace, database_url, python, processes, fetch, json, quiet)
    if resume is not None:
        wanted.refuse_beside_resume()
        wanted.again(runner, resume)
    else:
        wanted.check()
        carry_out(ctx, workspace, database_url, wanted, runner)
