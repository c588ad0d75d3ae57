import Foundation
import LinuxNamespaces
import NetworkAddresses
import Testing
import TraceDiscovery
import TraceModel

@Suite("Naming containers by Docker")
struct DockerEngineTests {
  /// A child with that MAC address in a namespace that nobody lives in.
  private static func child(_ mac: String = "02:42:ac:16:10:0a", namespace: UInt64 = 1) -> Interface {
    Interface(
      id: InterfaceID(namespace: namespace, ifindex: 2), name: "eth0", namespace: "net:[1]", kind: .macvlan,
      mac: MACAddress(mac))
  }

  private static let id = String(repeating: "a1", count: 32)

  /// A list as the Engine API 1.43 gives it, cut down.
  private static func list(id: String = id, name: String = "/bbox1", mac: String = "02:42:AC:16:10:0A")
    -> String
  {
    """
    [{"Id":"\(id)","Names":["\(name)"],"Image":"busybox","State":"running","HostConfig":{"NetworkMode":"mac_net1"},
      "NetworkSettings":{"Networks":{"mac_net1":{"IPAMConfig":{},"MacAddress":"\(mac)"}}}}]
    """
  }

  private func ask(_ docker: FakeDocker, _ children: [Interface]) -> (
    names: [InterfaceID: Container], limitations: [Degradation]
  ) {
    var limitations: [Degradation] = []
    let names = DockerEngine(environment: docker.environment).names(
      for: children, limitations: &limitations)
    return (names, limitations)
  }

  @Test("a child is named by its MAC address, and no container is asked for on its own")
  func byMAC() throws {
    let docker = try FakeDocker { _ in FakeDocker.answer(Self.list()) }
    let child = Self.child()
    let (names, limitations) = ask(docker, [child])
    #expect(names == [child.id: Container(runtime: "docker", name: "bbox1", network: "mac_net1")])
    #expect(limitations.isEmpty)
    #expect(docker.targets == ["/containers/json"])
  }

  @Test("networks that share an interface are listed, others and nonsense are not")
  func networks() throws {
    let docker = try FakeDocker { _ in
      FakeDocker.answer(
        """
        [{"Name":"mac_net1","Driver":"macvlan","Internal":true,"Options":{"parent":"ens33.10","macvlan_mode":"bridge"}},
          {"Name":"bridge","Driver":"bridge","Internal":false,"Options":{}},{"Driver":"macvlan"},
          {"Name":"ip_net","Driver":"ipvlan","Options":null}]
        """)
    }
    let engine = DockerEngine(environment: docker.environment)
    #expect(
      engine.networks() == [
        ContainerNetwork(name: "ip_net", driver: "ipvlan"),
        ContainerNetwork(
          name: "mac_net1", driver: "macvlan", parent: "ens33.10", mode: "bridge", isInternal: true),
      ])
    #expect(docker.targets == ["/networks"])
    let silent = try FakeDocker { _ in FakeDocker.answer("{}") }
    #expect(DockerEngine(environment: silent.environment).networks().isEmpty)
  }

  @Test("an answer without a length ends with the connection; one with a length ends there")
  func ends() throws {
    let child = Self.child()
    let body = Self.list()
    for behavior in [
      FakeDocker.Behavior.send("HTTP/1.0 200 OK\r\n\r\n\(body)"),
      .sendAndHold("HTTP/1.1 200 OK\r\ncontent-length:\t\(body.utf8.count)\r\n\r\n\(body)"),
      .sendAndHold("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)garbage"),
    ] {
      let (names, limitations) = ask(try FakeDocker { _ in behavior }, [child])
      #expect(names[child.id]?.name == "bbox1")
      #expect(limitations.isEmpty)
    }
  }

  @Test(
    "a child without a MAC address that Docker knows is named by the namespace of the container's process")
  func byNamespace() throws {
    let inode = try NetworkNamespace.process(getpid()).identity.inode
    let pid = getpid()
    let docker = try FakeDocker { target in
      target == "/containers/json"
        ? FakeDocker.answer(Self.list(mac: ""))
        : FakeDocker.answer(#"{"Id":"x","State":{"Status":"running","Pid":\#(pid)}}"#)
    }
    let child = Self.child("02:00:00:00:00:01", namespace: inode)
    let (names, limitations) = ask(docker, [child])
    #expect(names == [child.id: Container(runtime: "docker", name: "bbox1")])
    #expect(limitations.isEmpty)
    #expect(docker.targets == ["/containers/json", "/containers/\(Self.id)/json"])
  }

  /// Docker gives ipvlan endpoints no MAC address, and the child has its parent's.
  @Test(
    "an ipvlan child is named by its namespace, its network by its address, and likely containers come first")
  func ipvlan() throws {
    let inode = try NetworkNamespace.process(getpid()).identity.inode
    let pid = getpid()
    var child = Self.child("02:00:00:00:00:01", namespace: inode)
    child.kind = .ipvlan
    child.addresses = [IPPrefix("172.22.16.11/24")].compactMap(\.self)
    let other = { (number: Int) in
      let id = String(repeating: "b", count: 60) + String(1000 + number)
      return """
        {"Id":"\(id)","Names":["/other\(number)"],"NetworkSettings":{"Networks":{
          "bridge":{"MacAddress":"02:00:00:00:00:01","IPAddress":"172.17.0.\(number)"}}}}
        """
    }
    let own = """
      {"Id":"\(Self.id)","Names":["/bbox11"],"NetworkSettings":{"Networks":{
        "aaa":{"MacAddress":"","IPAddress":"10.0.0.1"},
        "ip_net":{"MacAddress":"","IPAddress":"172.22.16.11"},"zzz":{"MacAddress":"","IPAddress":""}}}}
      """
    let list = "[" + ((1...200).map(other) + [own]).joined(separator: ",") + "]"
    let docker = try FakeDocker { target in
      switch target {
      case "/containers/json": FakeDocker.answer(list)
      case "/containers/\(Self.id)/json": FakeDocker.answer(#"{"State":{"Pid":\#(pid)}}"#)
      default: FakeDocker.answer(#"{"State":{"Pid":1}}"#)
      }
    }
    let (names, _) = ask(docker, [child])
    #expect(names == [child.id: Container(runtime: "docker", name: "bbox11", network: "ip_net")])
    #expect(docker.targets.prefix(2) == ["/containers/json", "/containers/\(Self.id)/json"])
  }

  @Test("a container that ends between two requests is no limitation")
  func ended() throws {
    let docker = try FakeDocker { target in
      target == "/containers/json"
        ? FakeDocker.answer(Self.list()) : FakeDocker.answer("{}", status: "404 Not Found")
    }
    let known = Self.child()
    let (names, limitations) = ask(docker, [known, Self.child("02:00:00:00:00:01", namespace: 3)])
    #expect(names.keys.map { $0 } == [known.id])
    #expect(limitations.isEmpty)
  }

  @Test(
    "a useless answer is stated, and never more",
    arguments: [
      ("", "without an answer"),
      ("\r\n\r\n", "did not answer in HTTP/1"),
      ("SSH-2.0-OpenSSH_9.2\r\n", "did not answer in HTTP/1"),
      ("HTTP/1.1 200 OK\r\nContent-", "without an answer"),
      ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n[]", "length that cannot be"),
      ("HTTP/1.1 200 OK\r\nContent-Length: -9223372036854775808\r\n\r\n[]", "length that cannot be"),
      ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n[]", "length that cannot be"),
      ("HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n[]", "length that cannot be"),
      ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n[]", "length that cannot be"),
      ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]", "length that cannot be"),
      ("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n[]", "more than 4 MiB"),
      ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[]", "within its answer"),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n", "in chunks"),
      ("HTTP/1.1 404 Not Found\r\n\r\n", "status 404"),
      ("HTTP/1.1 500 \r\n\r\n", "status 500"),
      ("HTTP/1.1 \u{1b}[31m\r\n\r\n", "status that is no number"),
      ("HTTP/1.1 200\r\n\r\n[", "cannot be read"),
      ("HTTP/1.1 200 OK\r\n\r\n\0\0\0", "cannot be read"),
      ("HTTP/1.1 200 OK\r\n\r\n{}", "cannot be read"),
      ("HTTP/1.1 200 OK\r\n\r\n[{\"Id\":7}]", "cannot be read"),
      ("HTTP/1.1 200 OK\r\n\r\n[{\"Id\":\"abcdefabcdef\",\"Names\":\"bbox1\"}]", "cannot be read"),
      ("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "[", count: 2000), "cannot be read"),
      // An id that would become a header field of the next request.
      ("HTTP/1.1 200 OK\r\n\r\n[{\"Id\":\"abcdefabcdef HTTP/1.0\\r\\nX: y\"}]", "whose id is none"),
    ])
  func useless(answer: String, reason: String) throws {
    let docker = try FakeDocker { _ in .send(answer) }
    let (names, limitations) = ask(docker, [Self.child()])
    #expect(names.isEmpty)
    #expect(limitations.map(\.feature) == ["container names"])
    #expect(limitations.first?.consequence.contains(reason) == true, "\(limitations)")
    #expect(docker.targets == ["/containers/json"])
  }

  @Test("wrong types in the description of a container are stated, and what was known before stands")
  func lyingDetails() throws {
    let docker = try FakeDocker { target in
      FakeDocker.answer(target == "/containers/json" ? Self.list() : #"{"State":{"Pid":"1"}}"#)
    }
    let known = Self.child()
    let (names, limitations) = ask(docker, [known, Self.child("02:00:00:00:00:01", namespace: 3)])
    #expect(names[known.id]?.name == "bbox1")
    #expect(limitations.map(\.consequence).joined().contains("description of a container"))
  }

  @Test(
    "an answer without an end is refused at its bound",
    arguments: [
      ("HTTP/1.1 200 OK\r\n\r\n", "[[[[[[", "more than 4 MiB"),
      ("HTTP/1.1 200 OK\r\n", "X: y\r\n", "did not answer in HTTP/1"),
    ])
  func huge(head: String, part: String, reason: String) throws {
    let body = String(repeating: part, count: 10_000)
    let docker = try FakeDocker { _ in .repeatWithoutEnd(head + body) }
    let (names, limitations) = ask(docker, [Self.child()])
    #expect(names.isEmpty)
    #expect(limitations.first?.consequence.contains(reason) == true, "\(limitations)")
  }

  @Test("a name or network too long to be one is left out")
  func longName() throws {
    let name = String(repeating: "n", count: 300)
    let docker = try FakeDocker { _ in FakeDocker.answer(Self.list(name: "/" + name)) }
    let child = Self.child()
    #expect(ask(docker, [child]).names[child.id]?.name == String(Self.id.prefix(12)))
  }

  @Test("one that hangs costs a second, however many containers there are")
  func hanging() throws {
    // The list comes at once; every container after it takes for ever.
    let containers = (0..<64).map { number in
      let digits = String(number, radix: 16)
      return #"{"Id":"\#(String(repeating: "0", count: 64 - digits.utf8.count) + digits)"}"#
    }
    let list = "[\(containers.joined(separator: ","))]"
    let slow = try FakeDocker { target in
      if target == "/containers/json" { return FakeDocker.answer(list) }
      usleep(100_000)
      return FakeDocker.answer("{}")
    }
    let silent = try FakeDocker { _ in .sendAndHold("") }
    let half = try FakeDocker { _ in .sendAndHold("HTTP/1.1 200 OK\r\n") }
    for docker in [slow, silent, half] {
      let start = ContinuousClock.now
      let (names, limitations) = ask(docker, [Self.child()])
      #expect(ContinuousClock.now - start < .seconds(5))
      #expect(names.isEmpty)
      #expect(limitations.map(\.consequence).joined().contains("in time"))
    }
    // A second holds ten answers of a tenth each, were the machine idle: never all.
    #expect(slow.targets.count < 20)
  }

  @Test("more containers than are asked for one by one are stated, when a name is missing")
  func many() throws {
    let containers = (0..<65).map { number in
      let digits = String(number, radix: 16)
      return #"{"Id":"\#(String(repeating: "0", count: 64 - digits.utf8.count) + digits)"}"#
    }
    let list = "[\(containers.joined(separator: ","))]"
    let docker = try FakeDocker { target in FakeDocker.answer(target == "/containers/json" ? list : "{}") }
    let (_, limitations) = ask(docker, [Self.child()])
    #expect(limitations.map(\.consequence).joined().contains("65 containers"))
    #expect(docker.targets.count == 65)
  }

  @Test(
    "another transport, or a socket that is not there, is stated",
    arguments: [
      ("tcp://127.0.0.1:2375", "only unix:// is supported"), ("ssh://docker01", "only unix:// is supported"),
      ("/run/docker.sock", "only unix:// is supported"), ("unix:///nonexistent/docker.sock", "(errno 2)"),
      ("unix:///" + String(repeating: "x", count: 200), "no socket can have"),
    ])
  func hosts(host: String, reason: String) throws {
    var limitations: [Degradation] = []
    let engine = DockerEngine(environment: ["DOCKER_HOST": host])
    #expect(engine.names(for: [Self.child()], limitations: &limitations).isEmpty)
    #expect(limitations.map(\.feature) == ["container names"])
    #expect(limitations.first?.consequence.contains(reason) == true, "\(limitations)")
  }

  @Test(
    "no engine where none is expected is nothing to speak of",
    .enabled(if: !FileManager.default.fileExists(atPath: "/var/run/docker.sock")))
  func absent() throws {
    var limitations: [Degradation] = []
    #expect(DockerEngine(environment: [:]).names(for: [Self.child()], limitations: &limitations).isEmpty)
    #expect(limitations.isEmpty)
  }
}
