"""The old label tool's face: `app.api:app`, `app.sft`, `app.utils`, on top of `corrigenda`."""
