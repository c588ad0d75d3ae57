import Foundation

/// A process that holds a namespace in one way or another, until it is stopped.
final class Holder {
  private let process = Process()
  var pid: Int32 { process.processIdentifier }

  /// Starts a command and waits until it has printed a line, which is returned in `line`.
  init(_ command: [String]) throws {
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    var text = Data()
    while !text.contains(10) {
      let part = output.fileHandleForReading.availableData
      guard !part.isEmpty else {
        throw CommandFailure(command: command.joined(separator: " "), message: "ended without a line")
      }
      text += part
    }
    line = String(decoding: text.prefix { $0 != 10 }, as: UTF8.self)
  }

  let line: String

  deinit { stop() }

  func stop() {
    guard process.isRunning else { return }
    kill(pid, SIGKILL)
    process.waitUntilExit()
  }

  /// A process that lives in the namespace.
  static func process(in path: String) throws -> Holder {
    try Holder(["nsenter", "--net=\(path)", "sh", "-c", "echo ready; exec sleep 600"])
  }

  /// A process of which only a second thread lives there; the line is that thread's number.
  static func thread(in path: String) throws -> Holder {
    try Holder([
      "python3", "-c",
      """
      import ctypes, sys, threading, time
      def live():
          with open(sys.argv[1]) as file:
              if ctypes.CDLL(None).setns(file.fileno(), 0x40000000): sys.exit("setns")
          print(threading.get_native_id(), flush=True)
          time.sleep(600)
      threading.Thread(target=live).start()
      """, path,
    ])
  }

  /// A process that has only the file open.
  static func descriptor(of path: String) throws -> Holder {
    try Holder(["sh", "-c", "exec 9<\"$0\"; echo ready; exec sleep 600", path])
  }

  /// A process that lives elsewhere and has only a socket that was made there.
  static func socket(in path: String) throws -> Holder {
    try Holder([
      "python3", "-c",
      """
      import ctypes, socket, sys, time
      setns = ctypes.CDLL(None).setns
      with open("/proc/self/ns/net") as home:
          with open(sys.argv[1]) as file:
              if setns(file.fileno(), 0x40000000): sys.exit("setns")
          kept = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          if setns(home.fileno(), 0x40000000): sys.exit("setns")
      print("ready", flush=True)
      time.sleep(600)
      """, path,
    ])
  }
}
