import TestSupport
import Testing
import TraceLab
import TraceModel

/// What cannot be a parent: what `list` and `attach` say of an interface is what the kernel answers to a new child.
@Suite(.serialized) struct ReceiveHandlerTests {
  /// Makes `p` in `host` and has `script` give its receive handler away, then compares.
  ///
  /// - Parameters:
  ///   - kind: the owner's; `nil` when nobody owns it.
  ///   - name: the owner's.
  private static func check(_ kind: String?, _ name: String?, _ script: String) throws {
    let network = try TestNetwork(
      "host", script: "ip -n $host link add p type veth peer name q; ip -n $host link set q up\n" + script)
    let list = try network.json("list p")
    let interfaces = try #require(list["interfaces"] as? [[String: Any]])
    let handler = interfaces.first?["receive_handler"] as? [String: Any]
    #expect(handler?["kind"] as? String == kind && handler?["name"] as? String == name, "\(interfaces)")
    let notes = try #require(list["notes"] as? [String]).joined(separator: "\n")

    let answers = ["Device or resource busy": "(EBUSY, errno 16)", "Invalid argument": "(EINVAL, errno 22)"]
    let macvlan = try network.attempt("ip -n $host link add new0 link p type macvlan mode bridge")
    let isRefused = macvlan.status != 0
    #expect(
      notes.contains("no macvlan") || notes.contains("no second macvlan") ? isRefused : !isRefused, "\(notes)"
    )
    if isRefused {
      let errno = try #require(answers.first { macvlan.output.contains($0.key) }?.value, "\(macvlan.output)")
      #expect(notes.contains(errno), "\(macvlan.output) and \(notes)")
    } else {
      try network.run("ip -n $host link delete new0")
    }
    if Feature.ipvlan.isPresent {
      let ipvlan = try network.attempt("ip -n $host link add new1 link p type ipvlan mode l2")
      #expect((ipvlan.status != 0) == Self.forbidsIpvlan(notes), "\(ipvlan.output) and \(notes)")
      #expect(ipvlan.status == 0 || ipvlan.output.contains("Device or resource busy"))
      _ = try network.attempt("ip -n $host link delete new1")
    }
    let report = try network.json("attach p --duration 100ms")
    let degradations = (report["degradations"] as? [[String: String]] ?? []).filter {
      $0["feature"] == "children"
    }
    #expect(degradations.map { $0["consequence"] } == (isRefused ? [notes] : []))
  }

  private static func forbidsIpvlan(_ notes: String) -> Bool {
    notes.contains("no ipvlan child") || notes.contains("or ipvlan child")
  }

  @Test func aBridge() throws {
    try Self.check(
      "bridge", "br0", "ip -n $host link add br0 type bridge; ip -n $host link set p up master br0")
  }

  @Test(.needs(.bond)) func aBond() throws {
    try Self.check(
      "bond", "bond7",
      "ip -n $host link add bond7 type bond mode active-backup; ip -n $host link set p master bond7")
  }

  @Test(.needs(Feature("team", commands: "ip link add t0 type team"))) func aTeam() throws {
    try Self.check(
      "team", "team7", "ip -n $host link add team7 type team; ip -n $host link set p master team7")
  }

  @Test(.needs(Feature("vrf", commands: "ip link add r0 type vrf table 10")))
  func aVRFOwnsNone() throws {
    try Self.check(
      nil, nil, "ip -n $host link add red type vrf table 10; ip -n $host link set p up master red")
  }

  @Test(.needs(Feature("macsec", commands: "ip link add link p0 name s0 type macsec")))
  func macsecAboveIt() throws {
    try Self.check("macsec", "secure0", "ip -n $host link add link p name secure0 type macsec")
  }

  @Test(.needs(OpenVSwitch.feature)) func anOpenVSwitch() throws {
    try Self.check("openvswitch", "ovs7", OpenVSwitch.script(port: "p", of: "ovs7"))
  }

  @Test(.needs(.ipvlan)) func ipvlanChildren() throws {
    try Self.check("ipvlan", nil, "ip -n $host link add i0 link p type ipvlan mode l3s")
  }

  @Test func macvlanChildren() throws {
    try Self.check("macvlan", nil, "ip -n $host link add m0 link p type macvlan mode vepa")
  }

  @Test func aPassthruChild() throws {
    try Self.check("macvlan", nil, "ip -n $host link add m0 link p type macvlan mode passthru")
  }

  @Test func nobody() throws { try Self.check(nil, nil, "true") }

  /// The VLAN driver takes tagged frames before the receive handler gets any.
  @Test(.needs(.vlan)) func aVLANOnABridgesPortWorks() throws {
    let network = try TestNetwork(
      "host", "wire", "c",
      script: """
        ip -n $host link add ens33 type veth peer name w0 netns $wire
        ip -n $host link add br0 type bridge mcast_snooping 0; ip -n $host link set ens33 up master br0
        ip -n $host link add link ens33 name ens33.10 type vlan id 10; ip -n $host link set ens33.10 up
        ip -n $wire link set w0 up; ip -n $wire link add link w0 name w0.10 type vlan id 10
        ip -n $wire link set w0.10 up; ip -n $wire address add 10.0.0.3/24 dev w0.10
        ip -n $host link add eth0 netns $c link ens33.10 type macvlan mode bridge
        ip -n $c link set eth0 up; ip -n $c address add 10.0.0.10/24 dev eth0
        """)
    let observation = try network.observe(
      "ens33", "ip netns exec $c ping -c 2 -i 0.1 -W 2 10.0.0.3 >/dev/null")
    let child = try #require(observation.interface("eth0", in: "c"))
    #expect(observation.traffic(child).framesIn == 3 && observation.traffic(child).framesOut == 3)
    #expect(observation.before.parentInterface?.receiveHandler?.name == "br0")
    #expect(observation.interface("ens33.10", in: "host")?.receiveHandler?.kind == "macvlan")
  }
}
