import Foundation
import Testing
import TraceFile

/// Where an observation is saved: nothing is lost before there is something to replace it.
@Suite struct OutputFileTests {
  private final class Folder {
    let path = NSTemporaryDirectory() + "mvt\(getpid())-\(UInt32.random(in: 0 ... .max))"
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
    func text(_ name: String) -> String? { try? String(contentsOfFile: path + "/" + name, encoding: .utf8) }
  }

  private struct Failing: Error {}

  @Test func anExistingFileStaysUntilThereIsAnother() throws {
    let folder = try Folder()
    let path = folder.path + "/file"
    try "old".write(toFile: path, atomically: false, encoding: .utf8)
    chmod(path, 0o640)
    let file = try OutputFile(path)
    #expect(folder.names == ["file"])
    try file.write { write in
      try write(Array("ne".utf8))
      #expect(folder.text("file") == "old")
      try write(Array("w".utf8))
    }
    #expect(folder.text("file") == "new" && folder.names == ["file"])
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o640)
  }

  @Test func aWriteThatFailsLeavesWhatWasThere() throws {
    let folder = try Folder()
    let path = folder.path + "/file"
    try "old".write(toFile: path, atomically: false, encoding: .utf8)
    let file = try OutputFile(path)
    #expect(throws: Failing.self) {
      try file.write { write in
        try write([1])
        throw Failing()
      }
    }
    #expect(folder.text("file") == "old" && folder.names == ["file"])
  }

  @Test func aNewFileAppearsWholeAndIsItsOwnersAlone() throws {
    let folder = try Folder()
    let file = try OutputFile(folder.path + "/file")
    #expect(folder.names == [])
    try file.write { try $0([65]) }
    #expect(folder.text("file") == "A" && folder.names == ["file"])
    let mode =
      try FileManager.default.attributesOfItem(atPath: folder.path + "/file")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func aSymbolicLinkKeepsPointingThere() throws {
    let folder = try Folder()
    try "old".write(toFile: folder.path + "/file", atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link", withDestinationPath: folder.path + "/file")
    try OutputFile(folder.path + "/link").write { try $0([65]) }
    #expect(folder.text("file") == "A" && folder.names == ["file", "link"])
    let target = try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link")
    #expect(target == folder.path + "/file")
  }

  @Test func whatCannotBeWrittenIsSaidBefore() throws {
    let folder = try Folder()
    for (path, reason) in [
      ("/nowhere/x", "No such file or directory (errno 2)"), (folder.path, "Is a directory (errno 21)"),
      (folder.path + "/none/", "(errno "), ("", "(errno 2)"),
      ("/proc/version/x", "Not a directory (errno 20)"),
    ] {
      let error = #expect(throws: TraceFileError.self) { try OutputFile(path) }
      #expect(
        error?.description.hasPrefix("save the observation to \(path): ") == true
          && error?.description.contains(reason) == true && error?.errno != nil,
        "\(String(describing: error))")
    }
    let full = try OutputFile("/dev/full")
    let error = #expect(throws: TraceFileError.self) { try full.write { try $0([1]) } }
    #expect(error?.description.contains("No space left on device (errno 28)") == true)
  }

  @Test func aDeviceIsWrittenTo() throws {
    try OutputFile("/dev/null").write { try $0([1, 2, 3]) }
    #expect(FileManager.default.fileExists(atPath: "/dev/null"))
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }
}
