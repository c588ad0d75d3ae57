import Glibc

/// Where the Docker engine listens, by what `DOCKER_HOST` says (docs.docker.com/engine/reference/commandline/cli).
enum DockerSocket {
  /// A unix socket.
  case unix(path: String)
  /// There is none, and nobody said that there should be.
  case absent
  /// `DOCKER_HOST` names another transport.
  case unsupported(String)

  static let standardPath = "/var/run/docker.sock"

  /// Reads the variable's value; empty is the engine's standard place.
  init(host: String) {
    if host.isEmpty {
      self = access(Self.standardPath, F_OK) == 0 ? .unix(path: Self.standardPath) : .absent
    } else if host.hasPrefix("unix://") {
      let path = String(host.dropFirst("unix://".count))
      self = .unix(path: path.isEmpty ? Self.standardPath : path)
    } else {
      self = .unsupported(host)
    }
  }
}
