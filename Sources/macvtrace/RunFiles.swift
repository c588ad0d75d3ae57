import TraceFile
import TraceModel
import TraceReport

/// Where the results of a measurement go.
struct RunFiles {
  private let output: OutputFile?
  private let html: OutputFile?
  private let json: Bool

  /// Finds out that the files can be written.
  init(output: String?, html: String?, json: Bool) throws {
    self.output = try output.map { path throws(TraceFileError) in try OutputFile(path) }
    self.html = try html.map { path throws(TraceFileError) in try OutputFile(path) }
    self.json = json
  }

  /// Prints the run, and writes it where that was asked for. What could not be written is said behind the report.
  func write(_ run: SavedRun) throws {
    let document = try JSONMeasurement.render(run)
    if output?.isStandardOutput != true, html?.isStandardOutput != true {
      try Console.print(json ? document : Array(MeasurementText.render(run, style: Console.style).utf8))
    }
    var isWritten = true
    let write = { (file: OutputFile?, octets: [UInt8]) in
      do {
        try file?.write { try $0(octets) }
      } catch {
        Console.complain("\(error)")
        isWritten = false
      }
    }
    write(output, document)
    write(html, html == nil ? [] : Array(MeasurementPage.render(run).utf8))
    if !isWritten { throw ExitStatus.failed }
  }
}
