// swift-tools-version: 6.2
import PackageDescription

/// Language rules that every Swift target follows.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

/// Tests of one target, without root and without a kernel feature.
func unitTests(_ name: String, _ extra: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.target(name: name)] + extra, exclude: exclude,
    swiftSettings: strict)
}

let package = Package(
  name: "macvtrace",
  products: [
    .executable(name: "macvtrace", targets: ["macvtrace"]),
    .executable(name: "macvtrace-bench", targets: ["TraceBench"]),
    .library(name: "SwiftBPF", targets: ["BPF"]),
    .library(name: "Netlink", targets: ["Netlink"]),
    .library(name: "LinuxNamespaces", targets: ["LinuxNamespaces"]),
    .library(name: "PacketKit", targets: ["PacketKit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    // For tests alone.
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    // C, and what Swift's own module map of Glibc hides.
    .systemLibrary(
      name: "CLibBPF", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev", "libelf-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CMacvtraceABI", path: "bpf/include"),
    .target(name: "CLinux"),
    .target(name: "CBPFImages"),

    // Libraries that know nothing of macvtrace.
    .target(name: "NetworkAddresses", swiftSettings: strict),
    .target(name: "PacketKit", dependencies: ["NetworkAddresses"], swiftSettings: strict),
    .target(
      name: "BPF", dependencies: ["CLibBPF", "CLinux", "LinuxNamespaces", system],
      swiftSettings: strict + [.strictMemorySafety()]),
    .target(name: "LinuxNamespaces", dependencies: ["CLinux", system], swiftSettings: strict),
    .target(
      name: "Netlink", dependencies: ["CLinux", "LinuxNamespaces", "NetworkAddresses", system],
      swiftSettings: strict + [.strictMemorySafety()]),

    // macvtrace, in the order in which data flows.
    .target(name: "TraceModel", dependencies: ["NetworkAddresses"], swiftSettings: strict),
    .target(
      name: "TraceDiscovery",
      dependencies: ["Netlink", "LinuxNamespaces", "NetworkAddresses", "TraceModel", system],
      swiftSettings: strict),
    .target(
      name: "TraceCapture",
      dependencies: [
        "BPF", "CBPFImages", "CMacvtraceABI", "LinuxNamespaces", "Netlink", "NetworkAddresses",
        "TraceModel", system, .product(name: "DequeModule", package: "swift-collections"),
      ], swiftSettings: strict),
    .target(
      name: "TraceFile",
      dependencies: ["CYAML", "CZlib", "NetworkAddresses", "TraceModel", system],
      swiftSettings: strict + [.strictMemorySafety()]),
    .target(
      name: "TraceDiagnosis", dependencies: ["NetworkAddresses", "TraceModel"],
      swiftSettings: strict),
    .target(
      name: "TraceReport", dependencies: ["NetworkAddresses", "TraceModel"], swiftSettings: strict),
    .target(
      name: "TraceLab",
      dependencies: [
        "Netlink", "LinuxNamespaces", "NetworkAddresses", "TraceModel", system,
      ], swiftSettings: strict),
    .executableTarget(
      name: "macvtrace",
      dependencies: [
        "TraceModel", "TraceDiscovery", "TraceCapture", "TraceFile", "TraceMeasurement", "TraceDiagnosis",
        "TraceReport", "TraceLab", "NetworkAddresses", "LinuxNamespaces", system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    .target(
      name: "TraceMeasurement",
      dependencies: [
        "CLinux", "LinuxNamespaces", "Netlink", "NetworkAddresses", "PacketKit", "TraceModel", system,
      ],
      swiftSettings: strict),
    // What `make bench` runs.
    .executableTarget(
      name: "TraceBench",
      dependencies: [
        "BPF", "CLinux", "LinuxNamespaces", "Netlink", "NetworkAddresses", "TraceCapture", "TraceDiagnosis",
        "TraceLab", "TraceModel", "TraceReport", system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    unitTests("NetworkAddresses", ["TestSupport"]),
    unitTests("PacketKit", ["NetworkAddresses", "TestSupport"]),
    unitTests("LinuxNamespaces", [system]),
    unitTests(
      "Netlink", ["CLinux", "LinuxNamespaces", "NetworkAddresses", "TestSupport", system],
      exclude: ["Fixtures"]),
    unitTests(
      "TraceModel",
      ["NetworkAddresses", .product(name: "Histogram", package: "hdrhistogram-swift")]),
    unitTests("TraceFile", ["NetworkAddresses", "TraceModel", system]),
    unitTests("TraceDiagnosis", ["NetworkAddresses", "TestSupport", "TraceModel"]),
    unitTests("TraceMeasurement", ["LinuxNamespaces", "NetworkAddresses", "TraceModel"]),
    unitTests("TraceReport", ["NetworkAddresses", "TraceModel"]),

    // What the kernel has, how long to wait for it, and numbers that can be drawn again.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),

    // As root, on the running kernel.
    .testTarget(
      name: "BPFTests", dependencies: ["BPF", "CLibBPF", "LinuxNamespaces", "TestSupport", system],
      exclude: ["Programs"],
      swiftSettings: strict),
    .testTarget(
      name: "TraceDiscoveryTests",
      dependencies: [
        "LinuxNamespaces", "Netlink", "NetworkAddresses", "TestSupport", "TraceDiscovery", "TraceModel",
        system,
      ], swiftSettings: strict),
    .testTarget(
      name: "BPFProgramTests",
      dependencies: [
        "BPF", "CBPFImages", "CLinux", "CMacvtraceABI", "LinuxNamespaces", "TraceCapture", "TraceModel",
        "NetworkAddresses", "PacketKit", "TestSupport", system,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "KernelTests",
      dependencies: [
        "BPF", "CLinux", "TraceCapture", "TraceDiagnosis", "TraceDiscovery", "TraceFile", "TraceLab",
        "TraceMeasurement", "TraceModel",
        "TraceReport", "LinuxNamespaces", "Netlink", "NetworkAddresses", "PacketKit", "TestSupport",
        "macvtrace", system,
      ], swiftSettings: strict),
  ],
  cLanguageStandard: .c2x
)
