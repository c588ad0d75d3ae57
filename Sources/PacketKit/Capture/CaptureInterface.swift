/// An interface of a capture file (pcapng, 4.2: Interface Description Block).
public struct CaptureInterface: Hashable, Sendable {
  /// The name, as in `if_name`.
  public var name: String?
  /// The description, as in `if_description`.
  public var description: String?
  /// The link type of its frames (the LINKTYPE registry); `ethernet` is the one that `EthernetFrame` reads.
  public var linkType: UInt16
  /// The most octets that are kept of a frame; 0: no limit.
  public var snapLength: UInt32

  /// Makes an interface.
  public init(name: String?, description: String? = nil, linkType: UInt16 = ethernet, snapLength: UInt32 = 0)
  {
    self.name = name
    self.description = description
    self.linkType = linkType
    self.snapLength = snapLength
  }

  /// LINKTYPE_ETHERNET.
  public static let ethernet: UInt16 = 1
}
