#!/bin/sh
# Print the first Python that is new enough and can make a virtual environment.
# $PYTHON, if set, is the only one tried.
old=""
for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
  path=$(command -v "$name") || continue
  # A version manager's shim may be there without its Python: it has to run.
  version=$("$path" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
  if ! "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    old="${old:-$name is $version}"
    continue
  fi
  if ! "$path" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$path has no venv module; on Debian or Ubuntu: apt-get install python$version-venv" >&2
    exit 1
  fi
  echo "$path"
  exit 0
done
echo "Python 3.11 or newer is needed (found: ${old:-none}); set PYTHON=/path/to/python3" >&2
exit 1
