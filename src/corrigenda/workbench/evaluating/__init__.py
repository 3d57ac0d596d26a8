"""Re-evaluation: the prompts of runs asked again, of a model here or behind an endpoint.

    request     what a user asks for
    models      which model it is: the hash of its files, or an endpoint's address and a name
    prompts     which prompts are asked, each with what is known of its earlier answers
    answers     the file that answers are appended to, and found in again
    in_process  asking a model on this machine, in the Python that has torch
    endpoint    asking an OpenAI-compatible chat endpoint
    replies     what an endpoint replies, within bounds
    judging     scoring the answers
    records     the answers as candidates and passes of a new run
    running     all of it

The answers of a model here come from a process of their own, see `train.generating`.
"""
