import Glibc

/// How long tests wait for what must come. On an emulated machine all takes longer; a test that gives up too early there
/// says nothing about macvtrace.
public enum Patience {
  /// What waits are multiplied by: `MACVTRACE_TEST_PATIENCE`, else 1.
  public static let factor: Int = getenv("MACVTRACE_TEST_PATIENCE").flatMap { Int(String(cString: $0)) } ?? 1

  /// The given number, of tries or units of time, as often as that.
  public static func times(_ number: Int) -> Int { number * factor }
}
