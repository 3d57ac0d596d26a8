"""Training and generating: what runs in the Python that has torch, and what starts it.

At import these modules need the standard library, `corrigenda.errors` and `corrigenda.core`
alone, for the Python that has torch may be another one than ours, and has none of our
libraries. torch, transformers, trl, peft and datasets are imported inside functions.
"""
