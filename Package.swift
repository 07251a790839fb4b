// swift-tools-version: 6.2
import PackageDescription

/// Every target is held to the same rules: Swift 6 mode, warnings are errors, imports carry their
/// access level, existentials are spelled out.
let strictSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// What `make fuzz` builds is seen by the address sanitizer: all Swift by the command, and our own C
/// by this.
let isFuzzing = Context.environment["TELLER_FUZZING"] != nil
let fuzzedSettings: [CSetting] =
  isFuzzing ? [.unsafeFlags(["-fsanitize=address"])] : []

let package = Package(
  name: "teller",
  products: [
    .executable(name: "teller", targets: ["teller"]),
    .library(name: "RecommenderRPC", targets: ["RecommenderRPC"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
    .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
  ],
  targets: [
    // Foreign code, one target per library.
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
      name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "CRecommenderMessages",
      cSettings: fuzzedSettings,
      linkerSettings: [.linkedLibrary("protobuf-c")]),
    .target(
      name: "CVectorKernels",
      // The clones for AVX-512 would use half of its width without the last flag.
      cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-mprefer-vector-width=512"])]
        + fuzzedSettings),

    // Files and data.
    .target(name: "Digests", dependencies: ["CLibcrypto"], swiftSettings: strictSettings),
    .target(name: "TensorFiles", dependencies: ["CZlib"], swiftSettings: strictSettings),
    .target(
      name: "InteractionData", dependencies: ["TensorFiles"], swiftSettings: strictSettings),
    .target(
      name: "DatasetImport", dependencies: ["InteractionData", "TensorFiles", "CArchive"],
      swiftSettings: strictSettings),

    // Models and their evaluation.
    .target(
      name: "LinearAlgebra", dependencies: ["CVectorKernels"],
      swiftSettings: strictSettings),
    .target(
      name: "RecommenderModels", dependencies: ["InteractionData", "TensorFiles", "LinearAlgebra"],
      swiftSettings: strictSettings),
    .target(
      name: "OfflineEvaluation",
      dependencies: [
        "InteractionData", "TensorFiles", "RecommenderModels", "LinearAlgebra", "Exploration",
      ],
      swiftSettings: strictSettings),

    .target(
      name: "Exploration", dependencies: ["InteractionData"], swiftSettings: strictSettings),
    .target(
      name: "Experiments", dependencies: ["Digests"], swiftSettings: strictSettings),

    // The service.
    .target(
      name: "EventLog",
      dependencies: [
        "InteractionData", "Digests", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: strictSettings),
    .target(
      name: "RecommenderRPC",
      dependencies: [
        "CRecommenderMessages", "Digests",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strictSettings),
    .target(
      name: "PrometheusExposition",
      dependencies: [
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: strictSettings),
    .target(
      name: "RecommenderService",
      dependencies: [
        "InteractionData", "TensorFiles", "LinearAlgebra", "RecommenderModels", "Exploration",
        "Experiments", "EventLog", "RecommenderRPC",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strictSettings),
    .executableTarget(
      name: "teller",
      dependencies: [
        "InteractionData", "DatasetImport", "TensorFiles", "LinearAlgebra", "RecommenderModels",
        "OfflineEvaluation", "Exploration", "Experiments", "EventLog", "RecommenderRPC",
        "RecommenderService",
        "PrometheusExposition",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        // The record of answers is tampered with from outside of what keeps it.
        "Digests", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strictSettings),

    // The tour of the Swift client, which is also its part in the suite that all clients pass.
    .executableTarget(
      name: "SwiftClientTour",
      dependencies: ["RecommenderRPC", .product(name: "NIOPosix", package: "swift-nio")],
      path: "clients/swift/Tour", swiftSettings: strictSettings),

    // Tests, one target per module, and one that drives the built binary from outside.
    .target(
      name: "TestSupport", dependencies: ["InteractionData", "TensorFiles"],
      path: "Tests/TestSupport", swiftSettings: strictSettings),
    // Apart, so that what needs no event log is built without the database.
    .target(
      name: "EventLogTestSupport", dependencies: ["EventLog"], path: "Tests/EventLogTestSupport",
      swiftSettings: strictSettings),
    .testTarget(
      name: "DigestsTests", dependencies: ["Digests"], swiftSettings: strictSettings),
    .testTarget(
      name: "TensorFilesTests", dependencies: ["TensorFiles", "TestSupport"],
      swiftSettings: strictSettings),
    .testTarget(
      name: "InteractionDataTests",
      dependencies: ["InteractionData", "TensorFiles", "TestSupport"],
      swiftSettings: strictSettings),
    .testTarget(
      name: "DatasetImportTests",
      dependencies: ["DatasetImport", "InteractionData", "TensorFiles", "TestSupport"],
      swiftSettings: strictSettings),
    .testTarget(
      name: "LinearAlgebraTests", dependencies: ["LinearAlgebra"], swiftSettings: strictSettings),
    .testTarget(
      name: "RecommenderModelsTests",
      dependencies: [
        "RecommenderModels", "InteractionData", "TensorFiles", "LinearAlgebra", "TestSupport",
      ],
      // Read by path: runs of another implementation and the scripts that made them.
      exclude: ["HierarchicalRNN/Reference"],
      swiftSettings: strictSettings),
    .testTarget(
      name: "OfflineEvaluationTests",
      dependencies: [
        "OfflineEvaluation", "RecommenderModels", "InteractionData", "TensorFiles", "Exploration",
        "TestSupport",
      ],
      // Read by path: results of another implementation and the script that made them.
      exclude: ["Reference"],
      swiftSettings: strictSettings),
    .testTarget(
      name: "ExplorationTests", dependencies: ["Exploration", "InteractionData"],
      swiftSettings: strictSettings),
    .testTarget(
      name: "ExperimentsTests", dependencies: ["Experiments", "InteractionData", "TestSupport"],
      swiftSettings: strictSettings),
    .testTarget(
      name: "EventLogTests",
      dependencies: [
        "EventLog", "EventLogTestSupport", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strictSettings),
    .target(name: "CAllocationCounter"),
    .testTarget(
      name: "RecommenderRPCTests",
      dependencies: [
        "RecommenderRPC", "CRecommenderMessages", "CAllocationCounter", "Digests", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ],
      swiftSettings: strictSettings),
    .testTarget(
      name: "PrometheusExpositionTests",
      dependencies: [
        "PrometheusExposition",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strictSettings),
    .testTarget(
      name: "RecommenderServiceTests",
      dependencies: [
        "RecommenderService", "RecommenderRPC", "RecommenderModels", "Exploration", "Experiments",
        "InteractionData", "EventLog", "EventLogTestSupport", "TensorFiles", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strictSettings),
    .testTarget(
      name: "CommandLineTests", dependencies: ["teller", "InteractionData", "TestSupport"],
      swiftSettings: strictSettings),
  ]
)

// libFuzzer brings its own `main`, so its targets are there only when asked for: `make fuzz`.
if isFuzzing {
  package.targets.append(
    .target(
      name: "FuzzSupport", dependencies: ["TestSupport"], path: "Tests/Fuzzing/Support",
      swiftSettings: strictSettings))
  let surfaces: [(name: String, folder: String, dependencies: [Target.Dependency])] = [
    (
      "fuzz-connections", "Connections",
      [
        "RecommenderRPC", "Digests",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ]
    ),
    (
      "fuzz-text", "Text",
      [
        "DatasetImport", "OfflineEvaluation", "InteractionData", "FuzzSupport", "TestSupport",
      ]
    ),
    (
      "fuzz-files", "Files",
      ["RecommenderModels", "InteractionData", "TensorFiles", "FuzzSupport", "TestSupport"]
    ),
    (
      "fuzz-records", "Records",
      [
        "RecommenderService", "RecommenderModels", "EventLog", "Experiments", "Exploration",
        "InteractionData", "TensorFiles", "EventLogTestSupport", "FuzzSupport", "TestSupport",
      ]
    ),
  ]
  for surface in surfaces {
    package.targets.append(
      .executableTarget(
        name: surface.name, dependencies: surface.dependencies,
        path: "Tests/Fuzzing/\(surface.folder)",
        swiftSettings: strictSettings + [.unsafeFlags(["-parse-as-library"])]))
  }
}
