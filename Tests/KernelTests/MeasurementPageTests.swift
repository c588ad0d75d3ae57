import Foundation
import TestSupport
import Testing
import TraceLab

/// The pages with plots in a real browser.
@Suite(.serialized) struct MeasurementPageTests {
  /// What a browser makes of a page.
  private struct Shown {
    var document: String
    var messages: String

    /// The marks of each drawing, in order.
    var marks: [Int] {
      document.components(separatedBy: "<svg").dropFirst().map { part in
        let drawing = part.components(separatedBy: "</svg>")[0]
        return drawing.components(separatedBy: "class=\"mark").count - 1
      }
    }
  }

  /// Opens a page, and keeps a picture of it below build.
  private static func open(_ page: String, picture: String) throws -> Shown {
    let directory = "/tmp/\(Observed.prefix)browser"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    unlinkPicture(picture)
    let result = try CommandRunner.run([
      "bash", "-c",
      """
      command -v chromium >/dev/null || { echo "chromium is missing: run 'make setup-tests'"; exit 1; }
      mkdir -p build \(directory)
      timeout -k 1 \(Patience.times(60)) chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
        --enable-logging=stderr --user-data-dir=\(directory) --window-size=1000,2400 --dump-dom \
        --screenshot=$PWD/build/\(picture) file://\(page) >\(directory)/document 2>\(directory)/messages || exit 1
      cat \(directory)/document; echo; echo ---; grep -a CONSOLE \(directory)/messages; true
      """,
    ])
    try #require(result.status == 0, "\(result.output)")
    let parts = result.output.components(separatedBy: "\n---\n")
    return Shown(document: parts[0], messages: parts.count > 1 ? parts[1] : "")
  }

  private static func unlinkPicture(_ name: String) {
    try? FileManager.default.removeItem(atPath: "build/\(name)")
  }

  /// A run between two stations, and one of several ways, made for the test.
  @Test func aPageShowsEveryPlotAndRunsNothing() throws {
    let directory = "/tmp/\(Observed.prefix)page"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let network = try TestNetwork(
      "host", "a", "b",
      script: """
        ip -n $host link add ens33 type veth peer name port; ip -n $host link set ens33 up
        ip -n $host link set port up
        last=10
        for name in $a $b; do
          ip -n $host link add link ens33 name eth0 netns $name type macvlan mode bridge
          ip -n $name address add 10.68.0.$last/24 dev eth0; ip -n $name link set eth0 up
          last=$((last + 10))
        done
        mkdir -p \(directory)
        """)
    // Names from outside are put where they could do harm.
    try network.run(
      """
      .build/debug/macvtrace measure $a $b --rounds 1 --duration 200ms --sizes 64 --output \(directory)/run \
        >/dev/null 2>&1
      jq '.from = "<script>alert(1)</script>" | .path.name = "\\"><img src=x onerror=alert(2)>" |
        .environment.interfaces[0].label = "</title></style><b>&"' \(directory)/run > \(directory)/hostile
      .build/debug/macvtrace report \(directory)/hostile --html \(directory)/page.html >/dev/null
      .build/debug/macvtrace measure --compare macvlan,bridge --loads frames,latency --rounds 1 --duration 200ms \
        --sizes 64 --html \(directory)/ways.html >/dev/null 2>&1
      """)
    let run = try Self.open("\(directory)/page.html", picture: "measure.png")
    // Throughput; frames; CPU; percentiles and time, each idle and under load; hops.
    try #require(run.marks.count == 8, "\(run.marks)")
    #expect(run.marks[0] == 4 && run.marks[1] == 2 && run.marks[2] == 1)
    #expect(run.marks[3] == 1 && run.marks[4] == 1, "a curve for each round")
    // A line for the medians, and dots for what took longest.
    #expect(run.marks[5] > 10 && run.marks[6] > 10)
    #expect(run.marks[7] == 4)
    #expect(run.messages.isEmpty, "\(run.messages)")
    #expect(
      !run.document.contains("<script") && !run.document.contains("<img") && !run.document.contains("<b>"))
    #expect(run.document.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    let picture = try Data(contentsOf: URL(filePath: "build/measure.png"))
    #expect(picture.starts(with: [0x89, 0x50, 0x4e, 0x47]) && picture.count > 20_000)

    let ways = try Self.open("\(directory)/ways.html", picture: "measure-ways.png")
    #expect(ways.marks.count > 8 && ways.marks.allSatisfy { $0 > 0 }, "\(ways.marks)")
    #expect(ways.messages.isEmpty, "\(ways.messages)")
  }
}
