import NetworkAddresses
import TraceModel

/// Findings at a parent in another namespace of this machine than the one in which the report is read: they name that
/// namespace, and their commands go into it.
struct FarFindings {
  /// What a person calls the parent's namespace.
  private let name: String
  /// What has a command run in it: `ip netns exec router`; `nil` where nothing is known that does.
  private let entering: String?

  /// `nil` where the observation's parent is in the reader's own namespace, or it is not known which that is.
  init?(_ observation: Observation, observer: UInt64?) {
    let topology = observation.after.parentInterface == nil ? observation.before : observation.after
    guard let observer, observer != topology.parent.namespace,
      let place = topology.namespace(topology.parent.namespace)
    else { return nil }
    let own = place.netnsName.map { "ip netns exec \(Commands.quoted($0))" }
    entering = own ?? place.pid.map { "nsenter --net=/proc/\($0)/ns/net" }
    name = place.netnsName ?? place.pid.map { "the namespace of process \($0)" } ?? "namespace \(place.id)"
  }

  /// The observation with its parent's namespace called by its name.
  func named(_ observation: Observation) -> Observation {
    var observation = observation
    for path in [\Observation.before, \.after] {
      let namespace = observation[keyPath: path].parent.namespace
      for index in observation[keyPath: path].interfaces.indices
      where observation[keyPath: path].interfaces[index].id.namespace == namespace {
        observation[keyPath: path].interfaces[index].namespace = name
      }
      for index in observation[keyPath: path].namespaces.indices
      where observation[keyPath: path].namespaces[index].id == namespace {
        observation[keyPath: path].namespaces[index].name = name
      }
    }
    return observation
  }

  /// The finding as it is read from the other namespace.
  func translated(_ finding: Finding) -> Finding {
    var finding = finding
    finding.title = named(finding.title)
    for index in finding.evidence.indices {
      finding.evidence[index].text = named(finding.evidence[index].text)
    }
    for index in finding.path.indices {
      finding.path[index].place = named(finding.path[index].place)
      finding.path[index].text = named(finding.path[index].text)
    }
    for index in finding.fixes.indices {
      finding.fixes[index].text = named(finding.fixes[index].text)
      finding.fixes[index].commands = finding.fixes[index].commands.map(entered)
    }
    return finding
  }

  /// What is called this host there is that namespace.
  private func named(_ text: String) -> String { text.replacing("this host", with: name) }

  /// A command of the parent's namespace as it is typed elsewhere. One that enters a namespace by itself stays, and so does
  /// one that is for a daemon.
  private func entered(_ command: String) -> String {
    let stays = ["ip netns exec ", "nsenter ", "docker "].contains { command.hasPrefix($0) }
    guard !stays, let entering else { return command }
    // What a shell has to read as a whole is read in there.
    let isPlain = !command.utf8.contains { Array("|&;<>$`\n".utf8).contains($0) }
    return isPlain ? "\(entering) \(command)" : "\(entering) sh -c \(Commands.quoted(command))"
  }
}
