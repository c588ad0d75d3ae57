import BPF
import Glibc
import LinuxNamespaces

/// What a capture loads into the kernel whatever the network is: it goes on while the network is looked at.
public final class CapturePreparation {
  let options: CaptureOptions
  private let loading: BackgroundValue<Result<FramePrograms, any Error>>

  /// Begins to load. What fails is thrown by the capture that is made with it.
  ///
  /// - Parameter parent: what will be observed, in the calling thread's namespace.
  public init(_ options: CaptureOptions = CaptureOptions(), parent: String? = nil) {
    self.options = options
    let index = parent.map { if_nametoindex($0) } ?? 0
    loading = BackgroundValue {
      let isPreemptible = ProcFS.read("/sys/kernel/realtime")?.first == "1"
      return Result {
        try FramePrograms(
          options: options, preemptible: isPreemptible, first: HookRegistry.ownHook(ofInterface: index))
      }
    }
  }

  /// What was loaded; waits for it the first time.
  func programs() throws -> FramePrograms { try loading.value.get() }
}
