/// A piece of HTML or SVG. Text and attributes are escaped where they are put in, so that nothing from outside becomes
/// markup; names of elements and attributes are this program's own.
struct Markup {
  private(set) var text = ""

  /// Nothing.
  init() {}

  /// Text as it is to be read: control characters are shown, not sent.
  init(_ text: String) { self.text = Self.escape(text) }

  private init(raw: String) { text = raw }

  /// An element with its attributes, in their order, and what is in it.
  static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ content: [Markup] = []
  ) -> Markup {
    var text = "<\(name)"
    for (key, value) in attributes { text += " \(key)=\"\(escape(value))\"" }
    // Elements that HTML knows to be empty have no end (HTML Standard, 13.1.2).
    if content.isEmpty, ["meta", "br", "hr"].contains("\(name)") { return Markup(raw: text + ">") }
    text += ">"
    for one in content { text += one.text }
    return Markup(raw: text + "</\(name)>")
  }

  /// A whole page; its style is this program's own.
  static func page(title: String, style: StaticString, _ body: [Markup]) -> String {
    let head = element(
      "head", [:],
      [
        element("meta", ["charset": "utf-8"]),
        // Nothing is loaded and nothing runs, whatever the page holds.
        element(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; style-src 'unsafe-inline'",
          ]),
        element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        element("title", [:], [Markup(title)]), element("style", [:], [Markup(raw: "\(style)")]),
      ])
    return "<!DOCTYPE html>\n"
      + element("html", ["lang": "en"], [head, element("body", [:], body)]).text + "\n"
  }

  private static func escape(_ text: String) -> String {
    var escaped = ""
    for scalar in Printable.escape(text).unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
