import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import Testing
import TraceCapture
import TraceDiscovery
import TraceLab
import TraceModel

/// Namespaces that go while they are being attached to.
@Suite(.serialized) struct VanishingTests {
  /// Attaches to docker01 as it was before `change`, runs `body`, detaches, and expects that nothing is left.
  private static func attach(
    _ lab: Lab, after change: @escaping @Sendable () throws -> Void,
    _ body: @escaping @Sendable (CaptureSession, TopologyScanner) throws -> Void = { _, _ in }
  ) throws -> Observation {
    let namespace = try lab.namespace("docker01")
    let before = KernelResources.settled()
    let (observation, held) = try namespace.run {
      let scanner = TopologyScanner(parent: "ens33")
      let topology = try scanner.scan()
      try change()
      let session = try CaptureSession(topology)
      let held = KernelResources.now().objects
      try body(session, scanner)
      session.stop()
      let after = try scanner.scan()
      var observation = Observation(
        tool: ToolInformation(version: "test", command: "test"),
        host: HostInformation(name: "test", kernel: "test"),
        window: ObservationWindow(start: "", end: "", seconds: 0), before: topology, after: after)
      session.fill(&observation)
      return (observation, held)
    }
    #expect(held.contains { $0.hasPrefix("prog") } && held.contains { $0.hasPrefix("link") })
    let after = KernelResources.settled()
    #expect(
      after.descriptors == before.descriptors,
      "\(Set(before.files).symmetricDifference(after.files).sorted())")
    #expect(after.objects == before.objects)
    let left = try KernelResources.remaining(held.subtracting(before.objects))
    #expect(left.isEmpty, "\(left)")
    for name in try CommandRunner.run(["ip", "netns", "list"]).output.split(separator: "\n")
    where name.hasPrefix(Observed.prefix) {
      let name = name.split(separator: " ")[0].dropFirst(Observed.prefix.utf8.count)
      // One that comes and goes by itself has nothing to look at.
      let disciplines = try? lab.run(["tc", "qdisc"], in: String(name)).output
      #expect(disciplines?.contains("clsact") != true, "\(name)")
    }
    return observation
  }

  private static func run(_ lab: Lab, _ command: String, in name: String = "docker01") throws {
    let result = try lab.run(["sh", "-c", command], in: name)
    try #require(result.status == 0, "\(command): \(result.output)")
  }

  /// Makes a namespace with that number, once it is free. The kernel gives the lowest that is, also to namespaces of
  /// host names: those take the lower ones first.
  private static func makeNamespace(_ name: String, inode: UInt64) throws {
    let result = try CommandRunner.run(["python3", "-c", makeByNumber, name, "\(inode)"])
    try #require(result.status == 0, "the kernel did not give number \(inode) again: \(result.output)")
  }

  private static let makeByNumber = """
    import ctypes, os, resource, subprocess, sys, time
    name, wanted = sys.argv[1], int(sys.argv[2])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    libc = ctypes.CDLL(None)
    lower = []
    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert libc.unshare(0x04000000) == 0
        mine = os.open("/proc/thread-self/ns/uts", os.O_RDONLY)
        number = os.fstat(mine).st_ino
        if number < wanted:
            lower.append(mine)
            continue
        os.close(mine)
        if number > wanted:
            time.sleep(0.02)
            continue
        # The next one takes a higher number, and frees this.
        assert libc.unshare(0x04000000) == 0
        subprocess.run(["ip", "netns", "add", name], check=True)
        if os.stat("/run/netns/" + name).st_ino == wanted:
            sys.exit(0)
        subprocess.run(["ip", "netns", "delete", name], check=True)
    sys.exit("it is taken")
    """

  @Test func aNamespaceThatWentBeforeAttachingIsReported() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let name = Observed.prefix + "bbox1"
      let observation = try Self.attach(lab, after: { try NetworkNamespace.delete(named: name) }) {
        session, _ in
        #expect(session.attachedCount == 1, "the parent alone")
      }
      let gone = try #require(observation.before.children.first)
      #expect(
        observation.degradations.map(\.consequence) == [
          "\(gone.label) vanished before it was attached: its frames are not counted"
        ])
      let report = Report(of: observation, findings: [])
      #expect(report.interfaces.contains { $0.id == gone.id })
    }
  }

  @Test func aChildThatWentLeavesTheOthersOfItsNamespaceAttached() throws {
    try Observed.withLab(LabSpecification()) { lab in
      try Self.run(lab, "for n in 0 1 2; do ip link add mv$n link ens33 type macvlan mode bridge; done")
      let observation = try Self.attach(lab, after: { try Self.run(lab, "ip link delete mv0") }) {
        session, _ in
        #expect(session.attachedCount == 4, "ens33, mv1, mv2, and eth0 in bbox1")
      }
      #expect(
        observation.degradations.count == 1 && observation.degradations[0].consequence.hasPrefix("mv0 "))
    }
  }

  /// The kernel gives the numbers of namespaces and interfaces again: only the hooks tell that a container was
  /// restarted between two looks.
  @Test(arguments: [false, true]) func aChildThatIsReplacedUnderItsNumbersIsAttachedAgain(_ hasSiblings: Bool)
    throws
  {
    try Observed.withLab(hasSiblings ? Crowd.specification : LabSpecification()) { lab in
      let name = Observed.prefix + "bbox1"
      let observation = try Self.attach(lab, after: {}) { session, scanner in
        let first = try #require(try scanner.scan().children.first { $0.owns(.v4(0xac16_100a)) })
        #expect(session.mechanism(first.id) == (hasSiblings ? .clsact : .tcx))
        try Self.run(lab, "ip netns delete \(name)")
        try Self.makeNamespace(name, inode: first.id.namespace)
        // It is the test's, not the lab's.
        defer { try? NetworkNamespace.delete(named: name) }
        try Self.run(
          lab,
          """
          ip link add eth0 index \(first.id.ifindex) netns \(name) link ens33 type macvlan mode bridge
          ip -n \(name) address add 172.22.16.10/24 dev eth0; ip -n \(name) link set eth0 up
          """)
        let topology = try scanner.scan()
        #expect(topology.interface(first.id) != nil)
        session.update(topology)
        try Self.run(lab, "ping -c 1 -W 2 172.22.16.10", in: "docker02")
        let counted = session.counters().filter { $0.interface == first.id && $0.direction == .egress }
        #expect(counted.reduce(0) { $0 + $1.frames } > 0, "the new child's answers are counted")
      }
      #expect(observation.degradations.isEmpty, "\(observation.degradations)")
    }
  }

  /// Containers come and go all the while, also in namespaces that were just left.
  @Test func attachingAmongContainersThatComeAndGoNeitherFailsNorLeaks() throws {
    try Observed.withLab(LabSpecification()) { lab in
      let prefix = Observed.prefix
      let churn = try Background(
        [
          "bash", "-c",
          """
          trap 'ip netns delete \(prefix)churn0 2>/dev/null; ip netns delete \(prefix)churn1 2>/dev/null; exit' INT
          echo begun
          for round in $(seq 1000); do
            name=\(prefix)churn$((round % 2))
            ip netns add $name && ip link add eth0 netns $name link ens33 type macvlan mode bridge
            ip -n $name link set eth0 up; sleep 0.0$((round % 7))
            ip netns delete $name
          done
          """,
        ], in: lab.namespace("docker01"))
      try churn.waitFor("begun")
      for _ in 0..<4 {
        _ = try Self.attach(lab, after: {}) { session, scanner in
          for _ in 0..<8 { session.update(try scanner.scan()) }
          #expect(session.attachedCount >= 2, "ens33 and bbox1 stay")
        }
      }
      churn.stop()
    }
  }
}
