/// What a reader has to know of every result.
public enum MeasurementNotes {
  private static let cpu =
    "CPU a frame is the time of the sending and the receiving thread and of ksoftirqd: the kernel's work for a frame is done in them"
  private static let stations = "sender and receiver share this machine's CPUs where both are on it"

  /// Of a measurement between two stations.
  public static let measuring = [
    "TCP and UDP are payload by iperf3; frames are UDP datagrams, their size from the destination MAC to the end, FCS not included",
    "loss-free is the largest rate at which a trial lost no frame (RFC 2544, 26.1, with trials far shorter than its 60 s)",
    cpu, stations,
    "hook by hook: between two sightings of one datagram, while all were recorded, macvtrace's own work included",
  ]

  /// Of a path with and without macvtrace.
  public static let overhead = [
    cpu, stations,
    "nanoseconds by hook are the kernel's own statistics (run_time_ns / run_cnt), its reading of the clock included; they were taken apart from the rounds, as they cost time themselves",
  ]

  /// Of several kinds of path.
  public static let ways = [
    "every way carries packets of at most 1,500 octets, the loopback interface of host, too, which by default carries 65,536",
    cpu, stations,
  ]
}
