# The scenarios of one run or several (`jq -rsf`), each a line as Tests/KernelTests/ScenarioRecord.swift writes it, as
# Markdown: a row for each fault and kernel, and what it all comes to.

def short: if . == null then "-" elif length == 0 then "none" else map("\(.id) (\(.confidence))") | join(", ") end;
# What was named first is a cause that is there; of a healthy network: nothing was.
def is_right($causes): . == null or (if ($causes | length) == 0 then length == 0 else .[0].id as $first | $causes | index($first) != null end);
def percent($of): if $of == 0 then "-" else "\(1000 * . / $of | round / 10) %" end;
def verdicts: map(.verdictSeconds | select(.)) | sort | if length == 0 then "-" else
  "p50 \(.[length / 2 | floor] * 100 | round / 100) s, max \(.[-1] * 100 | round / 100) s (\(length) runs)" end;

map(. + {isHealthy: (.causes | length == 0)}) as $all
| ($all | map(select(.isHealthy | not))) as $faults
| ($all | map(select(.isHealthy))) as $healthy
| ($faults | [.[] | . as $one
    | (select(.passive) | {scenario, right: (.passive | is_right($one.causes))}),
      (select(.explained) | {scenario, right: (.explained | is_right($one.explainedCauses))})]) as $judged
| ($judged | map(select(.right)) | length) as $right
| "| scenario | kernel | causes | seen passively | by explain | fix |",
  "|---|---|---|---|---|---|",
  ($faults[] | "| \(.scenario) | \(.kernel) | \(.causes | join(", ")) | \(.passive | short) | \(.explained | short) | \(.fix // "-") |"),
  "",
  "Causes covered: \($faults | map(.causes[]) | unique | length), in \($faults | length) scenarios; fixes that cured: \($faults | map(select(.fix == "cured")) | length), that lie elsewhere: \($faults | map(select(.fix == "elsewhere")) | length), that failed: \($faults | map(select(.fix == "failed")) | length).",
  "First cause named right: \($right) of \($judged | length) (\($right | percent($judged | length))).",
  ($judged[] | select(.right | not) | "- wrong: \(.scenario)"),
  "False alarms: \($healthy | map(select((.passive // []) + (.explained // []) | length > 0)) | length) of \($healthy | length) healthy networks.",
  ($healthy[] | select((.passive // []) + (.explained // []) | length > 0) | "- alarm: \(.scenario): \(.passive | short); \(.explained | short)"),
  "Time to verdict: \($faults | verdicts) where it fails, \($healthy | verdicts) where it works."
