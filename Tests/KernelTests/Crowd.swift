import Netlink
import TraceLab

/// Children many0, many1, ... of docker01's parent, 172.22.16.100 and so on, each in a container of its own.
enum Crowd {
  /// More than are attached by links at a time, whatever a link takes on this machine.
  static let count = 66

  static let names = (0..<count).map { "many\($0)" }

  /// The usual network and a crowd.
  static let specification = {
    var specification = LabSpecification()
    for (number, name) in names.enumerated() {
      specification.add(name, host: 0, "172.22.16.\(100 + number)/24", .bridge)
    }
    return specification
  }()
}
