import BPF
import LinuxNamespaces

/// What a capture loads into the kernel whatever the network is: it goes on while the network is looked at.
public final class CapturePreparation {
  let options: CaptureOptions
  private let loading: BackgroundValue<Result<FramePrograms, any Error>>

  /// Begins to load. What fails is thrown by the capture that is made with it.
  public init(_ options: CaptureOptions = CaptureOptions()) {
    self.options = options
    loading = BackgroundValue {
      let isPreemptible = ProcFS.read("/sys/kernel/realtime")?.first == "1"
      return Result { try FramePrograms(options: options, preemptible: isPreemptible) }
    }
  }

  /// What was loaded; waits for it the first time.
  func programs() throws -> FramePrograms { try loading.value.get() }
}
