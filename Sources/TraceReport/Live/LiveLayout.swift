import TraceModel

extension LiveRows {
  /// Where the columns of the live table stand: what matters least goes first where the width is small.
  struct Layout {
    /// The columns of numbers, with their widths.
    private enum Number: Int, CaseIterable {
      case frames = 13
      case bytes = 9
      case frameRate = 15
      case bitRate = 12
    }

    private(set) var name: Int
    private(set) var showsMAC = true
    private(set) var showsVLAN: Bool
    private var shown: [Number] = Number.allCases

    /// Columns of `in` and `out`.
    private static let way = 3
    private static let mac = 17
    private static let vlan = 4
    private static let gap = 2
    // "   wire 1.2 M, siblings 40.1 k, reflected 950"
    private static let originRoom = 46

    init(_ entries: [InterfaceTree.Entry], width: Int) {
      let widest =
        entries.map { Printable.width(Printable.escape($0.branch + $0.interface.label)) }.max() ?? 0
      let wanted = max(widest, 9)
      name = min(wanted, 16)
      showsVLAN = entries.contains { $0.interface.vlan != nil }
      if end > width { shown.removeAll { $0 == .bytes } }
      if end > width { showsMAC = false }
      if end > width { shown.removeAll { $0 == .bitRate } }
      if end > width { showsVLAN = false }
      if end > width { shown.removeAll { $0 == .frameRate } }
      // Below the name stands where a child's frames came from; without the MAC beside it that needs room.
      name = min(max(wanted, showsMAC ? 0 : Self.originRoom), name + max(width - end, 0))
    }

    var macStart: Int { name + Self.gap }
    var numbersStart: Int {
      name + Self.gap + (showsMAC ? Self.mac + Self.gap : 0) + (showsVLAN ? Self.vlan + Self.gap : 0)
    }

    private var end: Int { shown.reduce(numbersStart + Self.way) { $0 + Self.gap + $1.rawValue } }

    var heading: TextLine {
      var line = TextLine("INTERFACE", .dim)
      if showsMAC {
        line.pad(to: macStart)
        line.append("MAC", .dim)
      }
      if showsVLAN {
        line.pad(to: numbersStart - Self.gap - Self.vlan)
        line.append("VLAN", .dim)
      }
      line.pad(to: numbersStart + Self.way)
      for number in shown {
        let title =
          switch number {
          case .frames: "FRAMES"
          case .bytes: "BYTES"
          case .frameRate: "RATE"
          case .bitRate: "BIT RATE"
          }
        line.pad(to: line.width + Self.gap + number.rawValue - title.count)
        line.append(title, .dim)
      }
      return line
    }

    /// One line's numbers; the rates are blank while nothing moves.
    func numbers(
      _ way: String, _ frames: UInt64, _ bytes: UInt64, _ newFrames: UInt64, _ newBytes: UInt64,
      _ seconds: Double
    ) -> TextLine {
      var line = TextLine(way, .dim)
      line.pad(to: Self.way)
      for number in shown {
        let moving = newFrames > 0 && seconds > 0
        let text =
          switch number {
          case .frames: Quantity.exact(frames)
          case .bytes: Quantity.bytes(bytes)
          case .frameRate: moving ? Quantity.frameRate(newFrames, in: seconds) : ""
          case .bitRate: moving ? Quantity.bitRate(bytes: newBytes, in: seconds) : ""
          }
        line.pad(to: line.width + Self.gap + max(number.rawValue - Printable.width(text), 0))
        line.append(text, number == .frames ? .plain : .dim)
      }
      return line
    }

    /// Where a child's frames came from, as exactly as there is room for all of it.
    func fitting(_ origin: TrafficOrigin, from start: Int) -> String {
      let parts = [("wire", origin.wire), ("siblings", origin.sibling), ("reflected", origin.reflected)]
      let text = { (write: (UInt64) -> String) in
        parts.filter { $0.1 > 0 || $0.0 == "wire" }.map { "\($0.0) \(write($0.1))" }.joined(separator: ", ")
      }
      let room = numbersStart - Self.gap - start
      return [text(Quantity.exact), text(Quantity.rounded)].first { Printable.width($0) <= room } ?? ""
    }
  }
}
