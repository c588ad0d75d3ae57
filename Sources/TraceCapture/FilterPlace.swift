import Netlink
import TraceModel

/// Where a tc filter of ours goes on one side of an interface: as far ahead as it can, as a filter that ends the chain
/// (TC_ACT_OK, a redirection) hides the frame from all behind it.
enum FilterPlace: Equatable {
  /// With this priority. 1 is first of all: of several BPF filters of one priority the newest comes first
  /// (cls_bpf_change in net/sched/cls_bpf.c).
  case priority(UInt16)
  /// Nowhere, and why.
  case none(String)

  /// The first of all.
  static let first = FilterPlace.priority(1)
}

extension InterfacePrograms {
  /// The place for a filter of ours on one side.
  ///
  /// All filters of one priority are of one kind and for one protocol: another kind at priority 1 keeps ours from it.
  func filterPlace(_ direction: Direction) -> FilterPlace {
    guard let discipline else { return .first }
    if discipline.kind == "ingress", direction == .egress {
      return .none(
        "an ingress queueing discipline stands there, which has no egress side and leaves no room for clsact")
    }
    if discipline.isShared(direction.filterSide) {
      return .none(
        "the filters there are a block that interfaces share, to which one interface's filter cannot be added"
      )
    }
    let taken = Set(
      (filters[direction] ?? []).filter {
        $0.chain == 0 && !($0.kind == "bpf" && $0.isForEveryProtocol)
      }.map(\.priority))
    let free = (UInt16(1)...UInt16.max).first { !taken.contains($0) }
    return free.map { .priority($0) } ?? .none("every priority is taken by filters of other kinds")
  }

  /// Whether a filter of ours would see less there than a TCX link: others would get the frames first, or there is no
  /// room for it.
  var hidesFramesFromFilters: Bool {
    [Direction.ingress, .egress].contains { !(tcx[$0] ?? []).isEmpty || filterPlace($0) != .first }
  }
}
