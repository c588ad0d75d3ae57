public import Netlink
public import NetworkAddresses

/// A container of a lab: a namespace with one macvlan child, `eth0`.
public struct LabContainer: Sendable {
  /// The namespace's name, without the lab's prefix.
  public var name: String
  /// Its host: the number of the station, 0 for docker01 and 1 for docker02.
  public var host: Int
  /// The host's interface that its `eth0` sits on.
  public var lower: String
  /// The address of its `eth0`.
  public var address: IPPrefix
  /// The router that its default route leads to.
  public var gateway: IPAddress?
  /// How its `eth0` shares the lower interface.
  public var mode: MacvlanMode
  /// Whether its `eth0` is up.
  public var isUp = true
  /// Whether it leaves echo requests unanswered.
  public var isSilent = false
}
