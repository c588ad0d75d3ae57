# The matrix as Markdown: a row for each group, a column for each kernel.
def unique_in_order: reduce .[] as $one ([]; if index([$one]) then . else . + [$one] end);
def cell:
  if . == null then "-"
  else
    ([if .failed > 0 then "**failed \(.failed)**" else empty end, if .passed > 0 then "passed \(.passed)" else empty end]
      + (.notApplicable | map("not applicable: \(.feature) (\(.tests))")) | join("; "))
    | if . == "" then "nothing ran" else . end
  end;
. as $all
| (map(.kernel) | unique_in_order) as $kernels
| "| group | \($kernels | map("Linux \(.)") | join(" | ")) |",
  "|---|\($kernels | map("---|") | join(""))",
  ((map(.group) | unique_in_order)[] as $group
    | "| \($group) | \([$kernels[] as $kernel | first(($all[] | select(.kernel == $kernel and .group == $group)), null)
      | cell] | join(" | ")) |"),
  "",
  ($kernels[] as $kernel | [$all[] | select(.kernel == $kernel)]
    | "Linux \($kernel) is \(.[0].release): \(map(.seconds) | add) s.")
