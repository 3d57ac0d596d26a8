"""`python -m benchmarks`: measure everything there is to measure.

`python -m benchmarks.review`, `.sources`, `.exports` and `.page` measure one part.
"""

from benchmarks import exports, page, review, sources

options = review.options()
review.run(options.sizes or review.SIZES, options.output)
sources.run(sources.MEGABYTES, None, options.output)
exports.run(options.sizes or exports.SIZES, options.output)
page.run(options.output)
