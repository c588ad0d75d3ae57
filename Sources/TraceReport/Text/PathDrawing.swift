import TraceModel

/// The frame's way from place to place, from top to bottom.
enum PathDrawing {
  static func lines(of path: [PathStep], width: Int) -> [TextLine] {
    let places = path.map { step in
      switch step.direction {
      case .ingress: step.place + ", in"
      case .egress: step.place + ", out"
      case nil: step.place
      }
    }
    let longest = places.map { Printable.width(Printable.escape($0)) }.max() ?? 0
    let column = min(longest, width / 2 - 4)
    var lines = [TextLine("The frame's way", .strong)]
    for (index, step) in path.enumerated() {
      if index > 0 { lines.append(TextLine("  │", .dim)) }
      var label = TextLine("  ")
      label.append(mark(step.outcome), ink(step.outcome))
      label.append(" ")
      label.append(TextLine(places[index]).clipped(to: column))
      label.pad(to: 4 + column + 2)
      let time = step.offset.map { $0 < 1000 ? "+\(Int($0)) µs" : "+\(Quantity.decimal($0 / 1000)) ms" } ?? ""
      let words = [time, step.text].filter { !$0.isEmpty }.joined(separator: "  ")
      let text = wrap(label, words, width: width, ink: step.outcome == .unobserved ? .dim : .plain)
      lines += text.isEmpty ? [label] : text
    }
    return lines
  }

  private static func mark(_ outcome: PathStep.Outcome) -> String {
    switch outcome {
    case .passed: "●"
    case .missing, .dropped: "✗"
    case .unobserved: "◌"
    }
  }

  private static func ink(_ outcome: PathStep.Outcome) -> Ink {
    switch outcome {
    case .passed: .good
    case .missing, .dropped: .bad
    case .unobserved: .dim
    }
  }
}
