import BPF
import Glibc
import LinuxNamespaces
import Netlink
import NetworkAddresses
import SystemPackage
import TraceModel

/// The programs and filters on one interface, everybody's, as the kernel lists them: in the order in which they run.
struct InterfacePrograms: Sendable {
  /// The interface's MAC address, by which it is known again.
  var mac: MACAddress?
  var xdp: [XDPProgram] = []
  /// The programs' ids.
  var tcx: [Direction: [UInt32]] = [:]
  /// The queueing discipline that holds tc filters: clsact, or ingress, which has one side alone.
  var discipline: QueueingDiscipline?
  var filters: [Direction: [TrafficFilter]] = [:]

  var isEmpty: Bool {
    xdp.isEmpty && tcx.values.allSatisfy(\.isEmpty) && filters.values.allSatisfy(\.isEmpty)
  }
}

extension InterfacePrograms {
  /// What stands on some interfaces of one namespace, and the socket that was asked.
  struct Reading: Sendable {
    let socket: NetlinkSocket
    /// By interface index; what is gone is not among them.
    let programs: [UInt32: InterfacePrograms]
  }

  /// Below so many interfaces each is asked for alone: a namespace may have thousands of others.
  private static let few = 8

  /// Reads everything that stands on those interfaces of a namespace.
  static func read(_ ifindexes: [UInt32], in namespace: NetworkNamespace) throws -> Reading {
    try namespace.run {
      let socket = try NetlinkSocket()
      let wanted = Set(ifindexes)
      let links =
        wanted.count < few
        ? wanted.compactMap { try? socket.link($0) }
        : try socket.links().filter { wanted.contains($0.ifindex) }
      let disciplines = try socket.queueingDisciplines().filter {
        $0.kind == "clsact" || $0.kind == "ingress"
      }
      var programs: [UInt32: InterfacePrograms] = [:]
      var hasTCX = true
      for link in links {
        var own = InterfacePrograms(mac: link.mac, xdp: link.xdpPrograms)
        if hasTCX { hasTCX = try own.readTCX(link.ifindex) }
        own.discipline = disciplines.first { $0.ifindex == link.ifindex }
        try own.readFilters(link.ifindex, socket)
        programs[link.ifindex] = own
      }
      return Reading(socket: socket, programs: programs)
    }
  }

  /// Returns false where the kernel has no TCX.
  private mutating func readTCX(_ ifindex: UInt32) throws(BPFError) -> Bool {
    for direction in [Direction.ingress, .egress] {
      do {
        tcx[direction] = try Program.attachedTCX(ifindex: ifindex, direction: direction.side)
      } catch  where error.errno == .invalidArgument {
        return false
      } catch  where error.errno == Errno(rawValue: ENODEV) {
        return true
      }
    }
    return true
  }

  private mutating func readFilters(_ ifindex: UInt32, _ socket: NetlinkSocket) throws(NetlinkError) {
    guard let discipline else { return }
    for direction in [Direction.ingress, .egress] where discipline.kind == "clsact" || direction == .ingress {
      filters[direction] = try socket.trafficFilters(ifindex: ifindex, direction: direction.filterSide)
    }
  }
}

extension Direction {
  /// The same for libbpf.
  var side: AttachDirection { self == .ingress ? .ingress : .egress }
  /// The same for rtnetlink.
  var filterSide: FilterDirection { self == .ingress ? .ingress : .egress }
}
