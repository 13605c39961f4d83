#!/usr/bin/env bash
# Holds the answers of a quickstart about the drawn world against its marks:  scripts/judge-quickstart.sh EVALUATION.json
# Exits with 1 where a mark is missed or a score is not there.
set -euo pipefail
# evaluation.json has each field of a score on a line of its own.
awk '
  function field(line) { sub(/^[^:]*: */, "", line); sub(/,? *$/, "", line); gsub(/"/, "", line); return line }
  function mark(what, value, wanted, good) {
    printf "%-44s %7.3f   %-22s %s\n", what, value, wanted, good ? "reached" : "MISSED"
    checked++; if (!good) missed++
  }
  /"(metric|by|of|control|value|low|high|questions)" *:/ { match($0, /"[a-z]+"/); name = substr($0, RSTART + 1, RLENGTH - 2); has[name] = field($0) }
  /"(value|low|high)" *:/ { has[name] += 0 } # a number, not its digits, is what is compared
  /}/ {
    if (has["metric"] == "closed_accuracy" && has["control"] == "none" && has["by"] == "all") {
      mark("closed questions, accuracy", has["value"], "at least 0.93", has["value"] >= 0.93)
      mark("  lower bound over tiles", has["low"], "at least 0.90", has["low"] >= 0.90)
      closed = has["questions"]
    }
    if (has["metric"] == "closed_accuracy" && has["control"] == "none" && has["by"] == "fact")
      mark("  of " has["of"], has["value"], "at least 0.85", has["value"] >= 0.85)
    if (has["metric"] == "open_recall" && has["control"] == "none" && has["by"] == "all") {
      mark("open questions, recall", has["value"], "at least 0.88", has["value"] >= 0.88)
      open = has["questions"]
    }
    if (has["metric"] == "closed_accuracy" && has["control"] == "other-image" && has["by"] == "all")
      mark("closed, shown five other tiles", has["value"], "0.5 in " has["low"] " to " has["high"], has["low"] <= 0.5 && has["high"] >= 0.5)
    delete has
  }
  END {
    mark("held-out questions", closed + open, "at least 1000", closed + open >= 1000)
    if (checked < 10) { print "evaluation.json lacks some of the scores"; exit 1 }
    exit missed > 0
  }
' "$1"
