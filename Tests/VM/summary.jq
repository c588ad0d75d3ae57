# What became of one group on one kernel. Swift's tests tell it by their events, of which each case of a test that has
# arguments counts as one; a script tells it by its exit status, 77 for `not applicable: FEATURE`.

def tally: group_by(.) | map({feature: .[0], tests: length});
# `needs FEATURE`, as traits and cancellations of tests say it.
def missing: ((._comments // []) | join(" ") | capture("needs (?<feature>.+)").feature) // "?";
# The cases that these events are about; the only case of a test without arguments has no name.
def cases: [.[] | ._testCase.id // ""] | unique;

# The outcome of a test, given its events.
def outcome:
  group_by(.kind) | map({key: .[0].kind, value: .}) | from_entries
  | (.testCaseStarted // .testStarted // [] | cases) as $begun
  | ([.issueRecorded // [] | .[] | select(.issue.isKnown | not)] | cases) as $failed
  | [.testCaseCancelled // [] | .[] | select([._testCase.id // ""] | inside($failed) | not)] as $cancelled
  | if .testSkipped then {passed: 0, failed: 0, missing: [.testSkipped[0] | missing]}
    elif .testEnded then {
      passed: ($begun - $failed - ($cancelled | cases) | length), failed: ($failed | length),
      missing: [$cancelled[] | missing],
    }
    # It hangs, or took the process with it.
    else {passed: 0, failed: 1, missing: []} end;

[inputs] as $records
| {kernel: $kernel, release: $release, group: $group, seconds: $seconds} + (
  if $isSwift | not then {
    passed: (if $status == 0 then 1 else 0 end), failed: (if $status == 0 or $status == 77 then 0 else 1 end),
    notApplicable: ([if $status == 77 then [$log | scan("not applicable: (.+)")[]][-1] // "?" else empty end] | tally),
  }
  else
    ([$records[] | select(.kind == "event" and .payload.testID) | .payload] | group_by(.testID)
      | map({key: .[0].testID, value: .}) | from_entries) as $events
    | [$records[] | select(.kind == "test" and .payload.kind == "function") | $events[.payload.id] // [] | outcome]
    | {
      passed: (map(.passed) | add // 0),
      # A process that failed with every test passed did so outside of them; one without a test ran none that was meant.
      failed: ((map(.failed) | add // 0) as $failed
        | if $failed == 0 and ($status != 0 or length == 0) then 1 else $failed end),
      notApplicable: (map(.missing[]) | tally),
    }
  end
)
