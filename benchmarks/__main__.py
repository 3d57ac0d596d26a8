"""`python -m benchmarks`: measure everything there is to measure.

`python -m benchmarks.review` and `python -m benchmarks.page` measure one part.
"""

from benchmarks import page, review

options = review.options()
review.run(options.sizes, options.output)
page.run(options.output)
