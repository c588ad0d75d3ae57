import CLibBPF
import Glibc

/// Collects what libbpf prints on this thread while `body` runs, however long it is: a verifier's verdict stands at
/// the end of up to 16 MiB.
func withLibBPFLog<Result, Failure: Error>(
  _ body: (_ log: () -> String) throws(Failure) -> Result
) throws(Failure) -> Result {
  var text: UnsafeMutablePointer<CChar>?
  var length = 0
  let stream = unsafe open_memstream(&text, &length)
  unsafe clibbpf_collect_log(stream)
  defer {
    clibbpf_collect_log(nil)
    if let stream = unsafe stream { unsafe fclose(stream) }
    unsafe free(text)
  }
  return try body {
    guard let stream = unsafe stream, unsafe fflush(stream) == 0, let text = unsafe text else { return "" }
    return unsafe String(cString: text)
  }
}
