// swift-tools-version: 6.2
import PackageDescription

// Every target: Swift 6, warnings are errors. `safe` targets hold no raw pointers (DESIGN §3): the strict memory
// safety checks make that a build rule. Raw pointers live in Tensors, Communication and Checkpoints only.
let swift: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]
let safe: [SwiftSetting] = swift + [.strictMemorySafety()]
let c: [CSetting] = [.treatAllWarnings(as: .error), .enableWarning("all"), .enableWarning("extra")]

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let package = Package(
    name: "apus",
    products: [
        .executable(name: "apus", targets: ["Coordinator"]),
        .executable(name: "apus-worker", targets: ["Worker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        // Libraries of the system: a module map and a shim, nothing else.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        // Our C: the vocabulary over MPI, and the vector loops in three kernel sets.
        .target(name: "CMPI", dependencies: ["COpenMPI"], cSettings: c),
        // psabi warns of vectors passed between files compiled for other CPUs; ours never leave their file.
        .target(name: "CKernels", cSettings: c + [.disableWarning("psabi")]),
        // The house, from the ground up.
        .target(name: "Experiment", dependencies: [yams, crypto], swiftSettings: safe),
        .target(name: "Tensors", dependencies: ["COpenBLAS", "CKernels"], swiftSettings: swift),
        .target(name: "Transformer", dependencies: ["Tensors", "Experiment"], swiftSettings: safe),
        .target(name: "Tokenization", dependencies: ["Experiment", crypto], swiftSettings: safe),
        .target(name: "Corpus", dependencies: ["Experiment", "Tokenization", crypto], swiftSettings: safe),
        .target(name: "Communication", dependencies: ["CMPI", "Tensors", "Experiment"], swiftSettings: swift),
        .target(name: "Checkpoints", dependencies: ["CHDF5", crypto], swiftSettings: swift),
        .target(
            name: "Training",
            dependencies: ["Experiment", "Tensors", "Transformer", "Corpus", "Communication", "Checkpoints", crypto],
            swiftSettings: safe),
        .target(name: "ScalingLaws", dependencies: ["Experiment"], swiftSettings: safe),
        .target(name: "Reports", dependencies: ["Experiment", "ScalingLaws"], swiftSettings: safe),
        .executableTarget(
            name: "Worker",
            dependencies: [
                "Training", "Experiment", "Tensors", "Transformer", "Tokenization", "Corpus", "Communication",
                "Checkpoints", arguments, crypto,
            ],
            swiftSettings: safe),
        .executableTarget(
            name: "Coordinator",
            dependencies: [
                "Experiment", "Tokenization", "Corpus", "Checkpoints", "ScalingLaws", "Reports", arguments, logging,
                subprocess,
            ],
            swiftSettings: safe),
        // Counts allocations of the tests that link it; no test of its own.
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter", cSettings: c),
        // Ranks as threads of one process, for tests of what ranks do together.
        .target(
            name: "SimulatedRanks", dependencies: ["Communication", "Tensors"], path: "Tests/SimulatedRanks",
            swiftSettings: swift),
        .testTarget(name: "ExperimentTests", dependencies: ["Experiment"], swiftSettings: swift),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels", "Experiment"], swiftSettings: swift),
        .testTarget(
            name: "TransformerTests", dependencies: ["Transformer", "Tensors", "Experiment", "AllocationCounter"],
            swiftSettings: swift),
        .testTarget(
            name: "TokenizationTests", dependencies: ["Tokenization", "Experiment"],
            resources: [.copy("Reference")], swiftSettings: swift),
        .testTarget(
            name: "CorpusTests", dependencies: ["Corpus", "Tokenization", "Experiment", crypto], swiftSettings: swift),
        .testTarget(
            name: "CommunicationTests", dependencies: ["Communication", "Tensors", "Experiment", "SimulatedRanks"],
            swiftSettings: swift),
        .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints", crypto], swiftSettings: swift),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Training", "Experiment", "Tensors", "Transformer", "Corpus", "Communication", "Checkpoints",
                "AllocationCounter", "SimulatedRanks",
            ],
            swiftSettings: swift),
        .testTarget(name: "ScalingLawsTests", dependencies: ["ScalingLaws", "Experiment"], swiftSettings: swift),
        .testTarget(
            name: "ReportsTests", dependencies: ["Reports", "ScalingLaws", "Experiment"], swiftSettings: swift),
        .testTarget(
            name: "EndToEndTests", dependencies: ["Coordinator", "Worker", "Corpus", "Experiment", subprocess, crypto],
            resources: [.copy("Reference")], swiftSettings: swift),
    ]
)
