import Glibc
import LinuxNamespaces
import TestSupport
import Testing
import TraceLab

/// The command itself: how it ends, and what it says then.
@Suite(.serialized) struct CommandTests {
  /// Runs `attach` in docker01 while a shell script disturbs it; the report goes to standard output.
  private static func attach(
    _ lab: Lab, for duration: String = "\(Patience.times(20))s", while script: String
  ) throws
    -> CommandResult
  {
    let command = """
      .build/debug/macvtrace attach ens33 --duration \(duration) --json & trace=$!
      sleep 2; \(script)
      wait $trace
      """
    return try lab.run(["bash", "-c", command], in: "docker01")
  }

  @Test func aParentThatIsDeletedAndDoesNotComeBackEndsWithItsReportAndStatus2() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let result = try Self.attach(lab, for: "4s", while: "ip link delete ens33")
      #expect(result.status == 2)
      #expect(result.output.contains("ens33 was deleted or moved away; waiting"))
      #expect(result.output.contains("and is not back"))
      #expect(result.output.contains("\"macvtrace.report/1\""), "what was seen until then is reported")
    }
  }

  @Test(arguments: ["TERM", "INT"]) func aSignalEndsWithTheReport(_ signal: String) throws {
    try Observed.withLab(LabSpecification()) { lab in
      let start = Observed.monotonic()
      let result = try Self.attach(lab, while: "kill -\(signal) $trace")
      #expect(result.status == 0)
      #expect(result.output.contains("\"macvtrace.report/1\""))
      #expect(
        Observed.monotonic() - start < 15_000_000_000 * UInt64(Patience.factor),
        "before its duration was over")
    }
  }

  @Test func aKilledCaptureLeavesNothingAttached() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let capture = try Background(
        [".build/debug/macvtrace", "attach", "ens33", "--json"], in: lab.namespace("docker01"))
      try capture.waitFor("attached to ens33")
      let held = KernelResources.now(of: "\(capture.pid)").objects
      #expect(held.contains { $0.hasPrefix("prog") } && held.contains { $0.hasPrefix("link") })
      capture.kill()
      let left = try KernelResources.remaining(held)
      #expect(left.isEmpty, "\(left)")
      let disciplines = try lab.run(["tc", "qdisc"], in: "docker01").output
      #expect(!disciplines.contains("clsact"))
    }
  }
}
