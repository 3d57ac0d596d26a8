"""`python -m benchmarks`: measure everything there is to measure."""

from benchmarks.review import main

main()
