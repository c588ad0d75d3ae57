import Glibc
import SystemPackage

/// Where an observation will be saved: found out to be writable before there is one, and untouched until then.
///
/// A regular file is replaced as a whole, by a new one beside it that takes its name; devices and pipes are written to.
public struct OutputFile: Sendable {
  /// The path as it was given.
  public let path: String
  private let target: Target

  private enum Target {
    /// A device, a pipe, or what standard output is.
    case stream(FileDescriptor)
    /// A regular file, which may not be there yet, by its path without symbolic links.
    case file(String, permissions: FilePermissions, owner: (uid_t, gid_t)?)
  }

  private static let what = "save the observation to"
  private static let advice = "choose another file"

  /// Finds out that the file can be written.
  ///
  /// - Throws: `TraceFileError`, one line with what failed, the errno and what to try.
  public init(_ path: String) throws(TraceFileError) {
    self.path = path
    do {
      target = try Self.target(path)
      if case .file(let place, _, _) = target {
        // What is beside it now would stay behind when this process is killed.
        let (file, name) = try Self.openBeside(place)
        _ = unsafe unlink(name)
        try file.close()
      }
    } catch {
      throw TraceFileError("\(Self.what) \(path)", error, try: Self.advice)
    }
  }

  /// Whether standard output is the file.
  public var isStandardOutput: Bool {
    guard case .stream(let file) = target else { return false }
    return Self.isSame(file.rawValue, STDOUT_FILENO)
  }

  /// Writes what `body` hands on, piece by piece; when that fails, what the file held stays.
  ///
  /// - Throws: `TraceFileError`, and what else `body` throws. A reader of a pipe that goes away is no failure.
  public func write(_ body: (@escaping ([UInt8]) throws -> Void) throws -> Void) throws {
    do {
      switch target {
      case .stream(let file): try body { _ = try file.writeAll($0) }
      case .file(let place, let permissions, let owner):
        let (file, name) = try Self.openBeside(place)
        do {
          try file.closeAfter {
            // The group or others may have been given access on purpose.
            _ = fchmod(file.rawValue, permissions.rawValue)
            if let owner { _ = fchown(file.rawValue, owner.0, owner.1) }
            try body { _ = try file.writeAll($0) }
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
          }
          guard unsafe rename(name, place) == 0 else { throw Errno(rawValue: errno) }
        } catch {
          _ = unsafe unlink(name)
          throw error
        }
      }
    } catch Errno.brokenPipe {
    } catch let error as Errno {
      throw TraceFileError("\(Self.what) \(path)", error, try: Self.advice)
    }
  }

  private static func target(_ path: String) throws -> Target {
    let file: FileDescriptor
    do {
      // A path that ends with a slash is a directory's, be it there or not.
      file = try FileDescriptor.open(FilePath(path), .writeOnly, options: [.closeOnExec])
    } catch Errno.noSuchFileOrDirectory where !path.isEmpty && !path.hasSuffix("/") {
      return .file(path, permissions: [.ownerReadWrite], owner: nil)
    }
    var status = stat()
    guard unsafe fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { return .stream(file) }
    try file.close()
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      var standard = stat()
      if unsafe fstat(descriptor, &standard) == 0, standard.st_dev == status.st_dev,
        standard.st_ino == status.st_ino
      {
        // It has a place of its own in that file; another file of the same name would be lost to it.
        return .stream(try FileDescriptor(rawValue: descriptor).duplicate())
      }
    }
    guard let resolved = unsafe realpath(path, nil) else { throw Errno(rawValue: errno) }
    defer { unsafe free(resolved) }
    return .file(
      unsafe String(cString: resolved), permissions: FilePermissions(rawValue: status.st_mode & 0o777),
      owner: (status.st_uid, status.st_gid))
  }

  private static func isSame(_ one: CInt, _ other: CInt) -> Bool {
    var (first, second) = (stat(), stat())
    return unsafe fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_dev == second.st_dev
      && first.st_ino == second.st_ino
  }

  /// A new file in the same directory, so that it can take the other's name.
  private static func openBeside(_ place: String) throws -> (FileDescriptor, String) {
    let name = "\(place).\(getpid()).part"
    let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec, .noFollow]
    let open = {
      try FileDescriptor.open(FilePath(name), .writeOnly, options: options, permissions: [.ownerReadWrite])
    }
    do {
      return (try open(), name)
    } catch Errno.fileExists {
      // One of a killed process that had the same number.
      _ = unsafe unlink(name)
      return (try open(), name)
    }
  }
}
