import CLinux

/// What an interface's driver says of itself (ethtool ioctls), in the calling thread's namespace.
public struct DeviceDriver: Sendable {
  /// Its name: `e1000e`.
  public let name: String
  /// Where the device sits: `0000:02:01.0`; empty for what sits nowhere.
  public let bus: String

  /// Asks the driver of the interface of that name; `nil` where there is none, or it does not tell.
  public init?(of interface: String) {
    var name = [CChar](repeating: 0, count: 32)
    var bus = [CChar](repeating: 0, count: 32)
    guard clinux_driver(interface, &name, &bus) == 0 else { return nil }
    self.name = Self.text(name)
    self.bus = Self.text(bus)
  }

  /// The features of an interface that are on, by the kernel's names; `nil` where they could not be read.
  public static func activeFeatures(of interface: String) -> [String]? {
    var buffer = [CChar](repeating: 0, count: 8192)
    guard clinux_active_features(interface, &buffer, UInt(buffer.count)) == 0 else { return nil }
    return text(buffer).split(separator: "\n").map(String.init)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
