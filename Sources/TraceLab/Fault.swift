import Netlink
import NetworkAddresses

/// What not every kernel has and a lab is made of.
public enum LabRequirement: String, Sendable {
  case ipvlan, dummy
}

/// A fault that a lab can be built with, and how to see it.
public struct Fault: Sendable {
  /// The id of the cause, or the name of a healthy network.
  public let id: String
  /// One line for `macvtrace lab list`.
  public let title: String
  /// The namespace in which the traffic starts.
  public let from: String
  /// The address that it is for.
  public let to: String
  /// Whether the traffic passes all the same.
  public let passes: Bool
  /// The network.
  public let specification: LabSpecification
  /// What kind of network that is.
  public var topology = LabTopology.flat
  /// docker01's interface that is observed.
  public var parent = "ens33"
  /// What the kernel must have for it beside bridges and macvlan.
  public var requirement: LabRequirement?
  /// The TCP port that is tried; `nil`: it is pinged.
  public var port: UInt16?
  /// A shell command that succeeds where the traffic passes, for traffic that is neither a ping nor a connection; `$prefix`
  /// is what stands before the names of the lab's namespaces. There is nothing that `explain` could be asked then.
  public var script: String?
  /// The cause that is to be found, for a variant of a fault; `nil`: the id itself is that.
  public var variantOf: String?
  /// What `explain` finds, where it sees the target's own namespace on this machine and knows more; `nil`: the same.
  public var explainedAs: String?
  /// Whether there is something to find although the traffic passes.
  public var isFlawed = false
  /// The size of the packets that are tried once a small one has passed, in octets of payload; `nil`: small ones alone.
  public var size: Int?
  /// Whether the cure is that the traffic does not pass any more.
  public var cureBlocks = false
  /// Seconds that the cure takes until the traffic passes.
  public var settling: UInt32 = 0
  /// Whether anything of it passes an interface that is observed: else only `explain` finds it, which asks.
  public var isSeenPassively = true
  /// Whether one host alone can prove the cause.
  public var isProven = true
  /// Whether `explain` may prove it all the same, where it sees the other end of the wire on this machine.
  public var otherEndMayProve = false
  /// What docker01's sysfs says of its hardware, by paths below it; empty: this machine's own says it.
  public var machine: [String: String] = [:]
  /// What is wrong beside it, in the order in which it shows.
  public var behind: [HiddenFault] = []

  /// The id of the cause that is to be found.
  public var cause: String { variantOf ?? id }
  /// The command that shows it.
  public var attempt: [String] { attempt(prefix: specification.prefix) }
  /// The same in a lab whose namespaces' names begin so.
  public func attempt(prefix: String) -> [String] {
    if let script { return ["bash", "-c", "prefix=\(prefix); \(script)"] }
    if let port { return ["timeout", "3", "bash", "-c", "exec 3<>/dev/tcp/\(to)/\(port)"] }
    if let size {
      // Small ones before and after: the target is there all the while.
      let script = """
        ping -c 1 -W 1 \(to) && ping -c 1 -W 1 -s \(size - 4) \(to)
        ping -c 3 -i 0.5 -W 1 -s \(size) \(to); status=$?; ping -c 1 -W 1 \(to); exit $status
        """
      return ["sh", "-c", script]
    }
    return ["ping", "-c", "3", "-i", "0.5", "-W", "1", to]
  }

  /// The lab's fault of that name.
  public static func named(_ id: String) -> Fault? { all.first { $0.id == id } }

  /// Faults of what the whole machine shares: they are for machines that nobody else uses, so no lab is offered with them.
  public static let ofTheWholeMachine: [Fault] = machineWide

  /// Every fault, and the healthy networks.
  public static let all: [Fault] =
    isolation + kinds + ipvlan + interfaceState + filtering + neighbors + routing + wire + wireAddresses
    + paths
    + vlans + doubles + healthy + healthyFilters + healthyRouting + healthyKinds + healthyPaths + healthyWire

  static func network(_ change: (inout LabSpecification) -> Void) -> LabSpecification {
    var specification = LabSpecification()
    change(&specification)
    return specification
  }

  /// The tutorial's first network, with that done to it; each step is a namespace and a shell command.
  static func network(_ steps: (String, String)...) -> LabSpecification {
    network { $0.setup = steps.map { LabStep($0.0, $0.1) } }
  }

  /// bbox1 and a third container beside it on docker01.
  static func siblings(_ first: MacvlanMode, _ second: MacvlanMode) -> LabSpecification {
    network {
      $0.containers[0].mode = first
      $0.add("bbox3", host: 0, "172.22.16.30/24", second)
    }
  }
}
