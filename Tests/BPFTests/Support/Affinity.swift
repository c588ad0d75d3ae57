import Foundation
import Testing

/// Runs `body` on one CPU.
func onCPU<Value>(_ cpu: Int, _ body: () throws -> Value) throws -> Value {
  // "4711/task/4712"
  let thread = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
  let number = try #require(thread.split(separator: "/").last)
  func allow(_ cpus: String) throws { try output(of: ["taskset", "-pc", cpus, String(number)]) }
  try allow("\(cpu)")
  let result = Result { try body() }
  try allow("0-\(sysconf(Int32(_SC_NPROCESSORS_CONF)) - 1)")
  return try result.get()
}
