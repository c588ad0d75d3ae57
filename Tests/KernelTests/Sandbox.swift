import TestSupport
import Testing
import TraceLab

/// A shell script in namespaces of its own: names under /run, links and processes that it makes are seen nowhere
/// else and go when it ends, however it ends.
enum Sandbox {
  /// What every script can use.
  private static let prelude = """
    mount -t tmpfs none /run && ip link set lo up || exit 1
    macvtrace=$PWD/.build/debug/macvtrace
    fail() { echo "failed: $*" >&2; exit 1; }
    # Whether a command ends with that status, saying so.
    ends() {
      local want=$1 got=0 said; shift
      said=$("$@" 2>&1) || got=$?
      [ $got = "$want" ] || fail "$* ended with $got instead of $want: $said"
      echo "$said"
    }
    # Every namespace with its inode, links and IPv4 addresses.
    network() {
      local name
      ip -o link | cut -d: -f1,2
      for name in $(ls /run/netns 2>/dev/null | sort); do
        echo "$name $(stat -L -c %i "/run/netns/$name")"
        ip -n "$name" -o link | cut -d: -f1,2
        ip -n "$name" -o -4 address | cut -d' ' -f1-8
      done
    }
    # Waits at most ten seconds until a command succeeds.
    await() {
      local number
      for number in $(seq 1000); do "$@" >/dev/null 2>&1 && return; sleep 0.01; done
      fail "in vain: $*"
    }

    """

  /// Runs it with bash; it fails the test when it does not end with status 0 in time.
  @discardableResult
  static func run(_ script: String, seconds: Int = Patience.times(60)) throws -> String {
    let result = try CommandRunner.run([
      "timeout", "-k", "1", "\(seconds)", "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
      "--mount-proc", "bash", "-euc", prelude + script,
    ])
    #expect(result.status == 0, "\(result.output)")
    return result.output
  }
}
