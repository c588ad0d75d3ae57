extension Figures {
  /// The goals of which something was measured, in order.
  func judged() -> [Goal] {
    counting + attached + process + exact + harmless + constant + quick + small + fastReading + twoCores
  }

  private static let alone = "macvtrace, counting alone"
  private static let everything = "macvtrace, everything"
  private static let counting = "macvtrace, counting"

  private var counting: [Goal] {
    hotPath.filter { !$0.stations.scattered }.flatMap { result -> [Goal] in
      guard let row = result.rows.first(where: { $0.subject == Self.counting }) else { return [] }
      let stations = "MACs: \(result.stations.label)"
      let floor = Goal(1, "counting, x floor of as many keys, \(stations)", row.timesFloor, .atMost(2.5))
      let one = Goal(1, "counting, x floor of one key, \(stations)", row.timesFloorOfOne, .atMost(2.5))
      let hash = Goal(1, "counting, x PERCPU_HASH, \(stations)", row.timesHash, .atMost(1 / 3))
      return (8...10_240).contains(result.stations.count) ? [floor, one, hash] : [hash]
    }
  }

  private var attached: [Goal] {
    let pairs: [(String, String, Double)] = [
      (Self.everything, "tcpdump -w /dev/null", 1 / 2), (Self.everything, "bpftrace, count by MAC", 1 / 4),
      (Self.everything, "nftables, dynamic set by MAC", 1), (Self.alone, "tcpdump -w /dev/null", 1 / 3),
    ]
    return pairs.compactMap { own, other, limit in
      guard let own = peers.first(where: { $0.name == own }),
        let peer = peers.first(where: { $0.name == other })
      else { return nil }
      return Goal(2, "\(own.name), x \(peer.name)", own.ratio(to: peer), .atMost(limit))
    }
  }

  private var process: [Goal] {
    flood.map {
      [Goal(3, "its processor time at a flood, % of a core", Spread([$0.observingShare * 100]), .atMost(1))]
    } ?? []
  }

  private var exact: [Goal] {
    let flooded = flood.map {
      Goal(
        4, "frames uncounted, parent and child, all dropped by the stack",
        Spread([Double(abs($0.uncountedAtParent) + abs($0.uncountedAtChild))]), .atMost(0))
    }
    let observed = peers.filter { [Self.alone, Self.everything].contains($0.name) && !$0.lost.isEmpty }.map {
      Goal(4, "frames uncounted, \($0.name)", Spread($0.lost.map { Double(abs($0)) }), .atMost(0))
    }
    return [flooded].compactMap(\.self) + observed
  }

  private var harmless: [Goal] {
    guard let own = harm.first(where: { $0.name == Self.everything }) else { return [] }
    let others = harm.filter { !$0.name.hasPrefix("macvtrace") && $0.name != Peer.floor.name }
    // The one whose median is best: the best of each round would be a tool that had luck in it.
    let best = others.max {
      Spread($0.goodputWithoutOffloads).median < Spread($1.goodputWithoutOffloads).median
    }
    let quickest = others.filter(\.captures).min { Spread($0.roundTrip).median < Spread($1.roundTrip).median }
    let limits = [
      Goal(5, "TCP, GSO off, x nothing", Spread(own.goodputWithoutOffloads), .atLeast(0.95)),
      Goal(5, "TCP, GSO on, x nothing", Spread(own.goodputWithOffloads), .atLeast(0.99)),
      Goal(5, "round trip on one CPU, p50, x nothing", Spread(own.roundTrip), .atMost(1.05)),
      Goal(5, "round trip on one CPU, p99.9, x nothing", Spread(own.roundTrip999), .atMost(1.1)),
    ]
    let besidePeers = [
      best.map {
        Goal(
          5, "TCP, GSO off, x the best peer: \($0.name)", own.ratio(to: $0, \.goodputWithoutOffloads),
          .atLeast(1))
      },
      quickest.map {
        Goal(
          5, "round trip p50, x the best capture tool: \($0.name)", own.ratio(to: $0, \.roundTrip), .atMost(1)
        )
      },
    ]
    return limits + besideEmptyPrograms(own) + besidePeers.compactMap(\.self)
  }

  /// What of the loss is not the price of any program at those hooks.
  private func besideEmptyPrograms(_ own: HarmResult) -> [Goal] {
    guard let floor = harm.first(where: { $0.name == Peer.floor.name }) else { return [] }
    let off = own.ratio(to: floor, \.goodputWithoutOffloads)
    let on = own.ratio(to: floor, \.goodputWithOffloads)
    return [
      Goal(5, "TCP, GSO off, x an empty program at each hook", off, .atLeast(0.95)),
      Goal(5, "TCP, GSO on, x an empty program at each hook", on, .atLeast(0.99)),
    ]
  }

  private var constant: [Goal] {
    let children = frameCost.map {
      [
        Goal(6, "our programs, \($0.children) children x 1", $0.ratio(\.programs), .atMost(1.1)),
        Goal(6, "what observing adds, \($0.children) children x 1", $0.added(\.observed), .atMost(1.1)),
        Goal(6, "the same, both by filters alone", $0.added(\.filtered), .atMost(1.1)),
      ]
    }
    let stations = stationCost.flatMap { cost in
      cost.rows.first { $0.subject == Self.counting }.map {
        Goal(6, "counting, \(cost.many) MACs x \(cost.few)", $0.ratio, .atMost(4))
      }
    }
    return (children ?? []) + [stations].compactMap(\.self)
  }

  private var quick: [Goal] {
    let first = firstFrame.first { $0.name == Self.everything && !$0.milliseconds.isEmpty }.map {
      Goal(7, "exec to the first frame, ms", Spread($0.milliseconds), .atMost(60))
    }
    let many = startUp.max { $0.children < $1.children }.map {
      [
        Goal(7, "\($0.children) children attached, ms", $0.attached, .atMost(1000)),
        Goal(7, "\($0.children) children detached and reported, ms", $0.stopped, .atMost(1000)),
        Goal(7, "\($0.children) children attached after kill -9, ms", $0.attachedAfterKill, .atMost(1000)),
      ]
    }
    let answers = commands.map { Goal(7, "`\($0.command)`, ms", $0.milliseconds, .atMost(20)) }
    return [first].compactMap(\.self) + (many ?? []) + answers
  }

  private var small: [Goal] {
    stationMemory.filter { $0.stations <= 1024 }.map {
      Goal(8, "resident at \($0.stations) MACs, MiB", Spread([$0.resident]), .atMost(40))
    }
  }

  private var fastReading: [Goal] {
    reading.map {
      [
        Goal(
          9, "records to trajectories, the latest kept, million/s of a core", Spread($0.both), .atLeast(5)),
        Goal(9, "report of \($0.records) sightings, s", Spread($0.report), .atMost(2)),
      ]
    } ?? []
  }

  private var twoCores: [Goal] {
    cores.filter { $0.subject.hasPrefix("macvtrace") }.map {
      Goal(10, "\($0.subject) on two cores, x one", Spread($0.ratio), .atLeast(1.9))
    }
  }
}
