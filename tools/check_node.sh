#!/bin/sh
# Fail with one line unless Node.js and npm are here and new enough to build the page.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "Node.js 20.19 or newer with npm is needed to build the page; it was not found" >&2
  exit 1
fi
# The two numbers of "v20.19.3" as 2019.
found=$(node --version | sed 's/^v//' | awk -F. '{ print $1 * 100 + $2 }')
if [ "$found" -lt 2019 ]; then
  echo "Node.js 20.19 or newer is needed to build the page; this one is $(node --version)" >&2
  exit 1
fi
