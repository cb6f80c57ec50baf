import CKernels

/// The kernels that a run's arithmetic is made of: our own loops and OpenBLAS's core type, pinned together.
public enum KernelSet: String, Sendable, CaseIterable, Comparable, BitwiseCopyable {
    case baseline
    case avx2
    case avx512

    /// The value of OPENBLAS_CORETYPE that goes with the set.
    public var blasCoreType: String {
        switch self {
        case .baseline: "Nehalem"
        case .avx2: "Haswell"
        case .avx512: "SkylakeX"
        }
    }

    var identifier: apus_kernel_set {
        switch self {
        case .baseline: APUS_BASELINE
        case .avx2: APUS_AVX2
        case .avx512: APUS_AVX512
        }
    }

    /// Whether this machine runs the set.
    public var isSupported: Bool { apus_kernels_supported(identifier) != 0 }

    /// The strongest set that this machine runs.
    public static var strongest: KernelSet { allCases.last { $0.isSupported } ?? .baseline }

    public static func < (a: KernelSet, b: KernelSet) -> Bool { a.identifier.rawValue < b.identifier.rawValue }
}
