import ArgumentParser
import Glibc
import LinuxNamespaces
import SystemPackage
import TraceCapture
import TraceDiscovery
import TraceFile
import TraceLab
import TraceMeasurement
import TraceModel

/// Facts about this program and the machine that it runs on.
enum Tool {
  static let version = "0.1.0"

  static func information(_ command: String) -> ToolInformation {
    ToolInformation(version: version, command: command)
  }

  /// The names of this machine and of its kernel.
  static func host() -> HostInformation {
    var names = utsname()
    guard uname(&names) == 0 else { return HostInformation(name: "unknown", kernel: "unknown") }
    return HostInformation(name: text(names.nodename), kernel: text(names.release))
  }

  private static func text<Tuple>(_ tuple: Tuple) -> String {
    withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// The exit statuses that scripts rely on.
enum ExitStatus {
  static let findings = ExitCode(1)
  static let failed = ExitCode(2)
  static let unavailable = ExitCode(77)
}

/// Ends the program with one line on standard error.
enum Failure {
  static func exitCode(_ error: any Error) -> ExitCode {
    switch error {
    case let error as ExitCode: return error
    case let error as DiscoveryError:
      Console.complain(error.description)
      return error.code == .notPermitted ? ExitStatus.unavailable : ExitStatus.failed
    case let error as CaptureError:
      Console.complain(error.description)
      return [.notPermitted, .unsupported].contains(error.code) ? ExitStatus.unavailable : ExitStatus.failed
    case let error as TraceFileError:
      Console.complain(error.description)
      return ExitStatus.failed
    default:
      let errno =
        (error as? NamespaceError)?.errno ?? (error as? LabError)?.errno
        ?? (error as? MeasurementError)?.errno
      let isPermission = errno == .notPermitted || errno == .permissionDenied
      Console.complain(isPermission ? "\(error); run it as root (sudo)" : "\(error)")
      return isPermission || errno == .notSupported ? ExitStatus.unavailable : ExitStatus.failed
    }
  }
}
