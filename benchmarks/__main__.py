"""`python -m benchmarks`: measure all but what Label Studio does, which is installed for it.

With options it measures a million candidates alone (see `benchmarks.scale`). `benchmarks.sources`,
`.exports`, `.page` and `.label_studio` measure one part each, as `python -m benchmarks.sources`.
"""

import sys

from benchmarks import exports, page, sources
from benchmarks.report import DEFAULT_OUTPUT
from benchmarks.scale.__main__ import main

main()
if len(sys.argv) == 1:
    output = str(DEFAULT_OUTPUT)
    sources.run(sources.MEGABYTES, None, output)
    exports.run(exports.SIZES, output)
    page.run(output)
