import TestSupport

/// A datapath of Open vSwitch, made by generic netlink (include/uapi/linux/openvswitch.h): the kernel's half of it,
/// without the daemons.
enum OpenVSwitch {
  static let feature = Feature("openvswitch", commands: command(port: "p0", of: "o0"))

  /// Has a datapath in `host` take an interface as its port.
  static func script(port: String, of name: String) -> String {
    "ip netns exec $host \(command(port: port, of: name))"
  }

  private static func command(port: String, of name: String) -> String {
    "python3 -c '\(program)' \(name) \(port)"
  }

  private static let program = """
    import socket, struct, subprocess, sys
    subprocess.run(["modprobe", "-q", "openvswitch"])
    bus = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    bus.bind((0, 0))
    def attribute(kind, payload):
        return struct.pack("HH", 4 + len(payload), kind) + payload + bytes(-len(payload) % 4)
    def request(family, command, version, body):
        message = struct.pack("BBH", command, version, 0) + body
        bus.send(struct.pack("IHHII", 16 + len(message), family, 5, 1, 0) + message)
        answer = bus.recv(65536)
        if struct.unpack_from("H", answer, 4)[0] == 2:
            code = struct.unpack_from("i", answer, 16)[0]
            if code:
                sys.exit("netlink error %d" % code)
            return None
        bus.recv(65536)
        return answer
    def family(name):
        answer = request(16, 3, 1, attribute(2, name.encode() + bytes(1)))
        offset = 20
        while offset < len(answer):
            length, kind = struct.unpack_from("HH", answer, offset)
            if kind == 1:
                return struct.unpack_from("H", answer, offset + 4)[0]
            offset += length + 3 & ~3
    text = lambda word: word.encode() + bytes(1)
    number = lambda value: struct.pack("I", value)
    request(family("ovs_datapath"), 1, 2, number(0) + attribute(1, text(sys.argv[1])) + attribute(2, number(0)))
    index = socket.if_nametoindex(sys.argv[1])
    port = attribute(2, number(1)) + attribute(3, text(sys.argv[2])) + attribute(5, number(0))
    request(family("ovs_vport"), 1, 1, number(index) + port)
    """
}
