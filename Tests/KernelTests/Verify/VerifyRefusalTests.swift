import Glibc
import LinuxNamespaces
import NetworkAddresses
import SystemPackage
import Testing
import TraceLab
import TraceMeasurement
import TraceModel

/// What cannot be verified is said in one line, and ends with the status for it.
@Suite(.serialized) struct VerifyRefusalTests {
  private static let network = """
    ip netns add host; ip netns add wire
    ip -n host link add ens33 type veth peer name port netns wire
    ip -n host link set ens33 up; ip -n wire link set port up
    says() {
      local want=$1 text=$2; shift 2
      ends "$want" ip netns exec host $macvtrace verify "$@" > /run/said
      grep -qF -- "$text" /run/said || fail "$* said: $(cat /run/said)"
      [ -z "$(ip netns exec host tc qdisc | grep clsact)" ] || fail "a clsact is left"
    }

    """

  @Test func whatCannotBeTriedIsSaid() throws {
    try Sandbox.run(
      Self.network + """
        says 2 'there have to be two of them; ens33 has none' ens33
        says 2 'ens33 has no sub-interface in VLAN 10: it has none' ens33 10 20
        says 2 'ens99' ens99
        echo 'routed: [10 -> 10]' > /run/policy
        says 2 'is no pair such as' ens33 --policy /run/policy
        says 2 'errno 2' ens33 --policy /run/nowhere
        says 64 '4095 is no VLAN' ens33 4095
        says 64 '--explain takes two VLANs' ens33 --explain 10
        says 64 '--duration goes with --passive' ens33 --duration 5s
        says 64 '--hops must be from 1 to 64' ens33 --hops 0
        says 64 '--port must be from 1 to 65535' ens33 --port 0
        says 64 'vlan=who' ens33 --from bbox10
        says 64 '--passive sends nothing' ens33 --passive --from 10=bbox10
        """)
  }

  @Test func withoutPrivilegeTheStatusIs77() throws {
    try Sandbox.run(
      Self.network + """
        ends 77 ip netns exec host setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \\
          $macvtrace verify ens33 > /run/said
        grep -q 'run it as root' /run/said || fail "$(cat /run/said)"
        """)
  }

  /// What answers in a station's namespace: by both protocols, for many at once, and not when it has ended.
  @Test func aResponderSendsBackWhatCame() throws {
    let namespace = try FreshNamespace()
    let address = IPAddress.v4(0x7f00_0001)
    let ask = { (kind: ProbeProtocol, count: Int) throws -> [ProbeOutcome] in
      var prober = Prober(
        ProbeTarget(address, kind, port: 33434, isEchoed: true), in: namespace.namespace)
      for _ in 0..<count { try prober.send() }
      for _ in 0..<200 where prober.probes.contains(where: { $0.ended == nil }) { prober.hear(timeout: 20) }
      return prober.probes.map(\.outcome)
    }
    do {
      let responder = try ProbeResponder(address, port: 33434, in: namespace.namespace)
      defer { withExtendedLifetime(responder) {} }
      #expect(try ask(.tcp, 100) == Array(repeating: .answered, count: 100))
      #expect(try ask(.udp, 100) == Array(repeating: .answered, count: 100))
      let taken = #expect(throws: MeasurementError.self) {
        try ProbeResponder(address, port: 33434, in: namespace.namespace)
      }
      #expect(taken?.errno == .addressInUse)
    }
    #expect(try ask(.tcp, 1) == [.refused])
    #expect(try ask(.udp, 1) == [.refused])
    let foreign = #expect(throws: MeasurementError.self) {
      try ProbeResponder(.v4(0x0a0a_0a0a), port: 33434, in: namespace.namespace)
    }
    #expect(foreign?.errno == .addressNotAvailable)
  }
}

/// A namespace of a test's own, with its loopback up.
private struct FreshNamespace {
  let namespace: NetworkNamespace

  init() throws {
    let name = "mvt\(getpid())-echo"
    _ = try CommandRunner.run(["sh", "-ec", "ip netns add \(name); ip -n \(name) link set lo up"])
    defer { _ = try? CommandRunner.run(["ip", "netns", "delete", name]) }
    namespace = try NetworkNamespace.named(name)
  }
}
