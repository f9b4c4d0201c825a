#!/usr/bin/env bash
# report.sh SENTENCE: say in one open issue of that title that a weekly job has failed.
set -eu
body="$1: $RUN_URL"
number=$(gh issue list --state open --search "in:title \"$1\"" --json number --jq '.[0].number // empty')
if [ -n "$number" ]; then
  gh issue comment "$number" --body "$body"
else
  gh issue create --title "$1" --body "$body"
fi
