/// Who takes the frames that come in at an interface before this host's stack does.
///
/// An interface has room for one (`netdev_rx_handler_register` in net/core/dev.c): a second that asks is refused with
/// EBUSY, be it a bridge, a bond, or the first child of another kind.
public struct ReceiveHandler: Hashable, Codable, Sendable {
  /// The kernel's name of the owner's kind: `bridge`, `bond`, `macvlan`; `unknown` where it tells none.
  public var kind: String
  /// The owner's name; `nil` where the interface's own children are the owners, of which there can be many.
  public var name: String?

  /// Names an owner.
  public init(kind: String, name: String? = nil) {
    self.kind = kind
    self.name = name
  }

  private enum CodingKeys: String, CodingKey { case kind, name }

  /// Writes the JSON contract's form, in which an absent name is an explicit `null`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(name, forKey: .name)
  }
}
