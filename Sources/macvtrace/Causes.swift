import ArgumentParser
import TraceDiagnosis
import TraceModel
import TraceReport

/// `macvtrace causes`: what can be found.
struct Causes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "causes",
    abstract: "List every cause that can be found; of one, say what it means, its proof and its fix.")

  @Argument(help: "The id of a cause, as a finding has it.")
  var id: String?
  @Flag(help: "Print JSON (macvtrace.causes/1).")
  var json = false

  func run() throws {
    var cards = Diagnosis.cards
    if let id {
      guard let card = cards.first(where: { $0.id == id }) else {
        let near = Similarity.nearest(to: id, among: cards.map(\.id)).joined(separator: ", ")
        throw ValidationError(
          "there is no cause \(id); near it are \(near); `macvtrace causes` lists them all")
      }
      cards = [card]
    }
    do {
      if json {
        try Console.print(JSONCauses.render(cards, tool: Tool.information("causes")))
      } else if id != nil {
        try Console.print(CauseText.render(cards[0], style: Console.style))
      } else {
        try Console.print(CauseText.list(cards, style: Console.style))
      }
    } catch {
      throw Failure.exitCode(error)
    }
  }
}
